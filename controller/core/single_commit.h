// A transaction of one change, for records that stand alone.
#pragma once

#include <utility>

#include "controller/core/controller_world.h"

namespace kilonova::controller {

inline Task<Expected<>> commit_one(ControllerWorld& world, Mutation mutation) {
  Transaction transaction;
  transaction.push_back(std::move(mutation));
  co_return co_await world.store.commit(std::move(transaction));
}

}  // namespace kilonova::controller
