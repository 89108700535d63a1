// What an answered commit survives (--sync).
#pragma once

#include <cstdint>

namespace kilonova {

enum class SyncMode : uint8_t {
  kNormal,  // kill -9 of everything
  kFull,    // power loss
};

}  // namespace kilonova
