// Committed changes as the page reads them. Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/watch_event.h"
#include "rpc/convert/declare.h"

namespace kilonova::api::dashboard {

// As a string of JSON, in quotes. `text` is UTF-8.
void append_quoted(std::string_view text, std::string* out);

// {"id":"...","name":"web1",...,"step":"claimed","time":1795442709000000}: times in microseconds since 1970, "" for
// what there is none of. What an audience is shown is what kilonova.v1.Cloud's Watch shows it.
std::string event_text(const WatchEvent& event, rpc::Audience audience);
std::string event_text(const CloudEvent& event);

// The texts of the newest events, which are made once for all viewers.
class EventTexts {
 public:
  // Good until the next call.
  const std::string& of(const WatchEvent& event, uint64_t generation, rpc::Audience audience);

  static constexpr size_t kKept = 2'048;  // of each audience

 private:
  struct Kept {
    uint64_t revision = 0;
    uint64_t generation = 0;
    std::string text = {};
  };
  std::vector<Kept> kept_;  // none before the first event is told
};

}  // namespace kilonova::api::dashboard
