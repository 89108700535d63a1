#include "controller/core/used_epochs.h"

#include <algorithm>

#include "base/sometimes.h"

namespace kilonova::controller {
namespace {

// Of one server no lost time holds nearly so many.
constexpr uint64_t kStepAtMost = uint64_t{1} << 20;

}  // namespace

uint64_t used_epoch(const ControllerWorld& world, const Uuid& instance) {
  const uint64_t heard = world.instances.heard_epoch(instance);
  const Instance* row = world.instances.find(instance);
  if (!world.unheard || row == nullptr) return heard;
  KN_SOMETIMES("controller: an epoch is drawn before all guests are heard");
  return std::max(heard, row->new_epoch()) + world.random.below(kStepAtMost);
}

}  // namespace kilonova::controller
