// The files of the page, as the build has put them into the program (embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace kilonova::api::dashboard {

struct Asset {
  std::string_view name;  // "app.js", "uplot/uPlot.js"
  std::string_view type;  // of its content: "text/javascript; charset=utf-8"
  std::string_view bytes;
  std::string_view etag;  // in quotes, as the header has it; another one for other bytes
};

// All there are, in any order. They live as long as the program.
std::span<const Asset> assets();

// nullptr: there is none of this name.
const Asset* find_asset(std::string_view name);

// Whether a client that has shown this If-None-Match has the asset's bytes already (RFC 9110 section 13.1.2).
bool has_already(const Asset& asset, std::string_view if_none_match);

}  // namespace kilonova::api::dashboard
