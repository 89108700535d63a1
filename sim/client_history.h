// What clients asked and were answered, a line of JSON each: the form of Jepsen's histories, which Porcupine, Knossos
// and Elle read. `process` is new for each call, so that an answer that never comes leaves no process in doubt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/api.h"

namespace kilonova::sim {

class ClientHistory {
 public:
  // Kept only when asked.
  void keep() { keeps_ = true; }
  // A call begins, with what is asked; `server`: of whom, nil for none or many. What it is called at answered().
  uint64_t invoked(Instant now, const ApiRequest& request, const Uuid& server);
  // ok with what it says of servers, or the records that it lists; fail when it certainly was not done, info when that is
  // not known.
  void answered(uint64_t call, Instant now, const Uuid& server, const Expected<ApiResponse>& result);
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void add(std::string_view type, uint64_t process, const Uuid& server, std::string_view value, Instant now);

  bool keeps_ = false;
  uint64_t calls_ = 0;
  std::vector<std::string> operations_;  // by call
  std::vector<std::string> lines_;
};

}  // namespace kilonova::sim
