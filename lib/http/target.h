// Request targets taken apart (RFC 3986, and forms as browsers encode them).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kilonova::http {

struct Target {
  std::vector<std::string> path;                           // decoded; "/a//b/" is "a", "b"
  bool ends_in_slash = false;                              // and has segments
  std::string raw_path;                                    // as sent, without the query
  std::string raw_query;                                   // as sent, without the question mark
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order; a key without "=" has the value ""
};

// Nothing for what is no path of this server: not beginning with "/", a broken percent encoding, a NUL, or bytes that
// are no UTF-8 once decoded. "http://host/path" is taken as "/path" (RFC 9112 section 3.2.2).
std::optional<Target> parse_target(std::string_view target);

// `plus_is_space`: in queries. Nothing for a broken encoding.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
// Letters, digits, "-._~" and those in `safe` stay; for queries and paths.
std::string percent_encode(std::string_view text, std::string_view safe = "");

// Well-formed UTF-8 (no surrogates, nothing overlong) without NUL.
bool is_text(std::string_view bytes);

}  // namespace kilonova::http
