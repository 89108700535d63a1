#include "http/message.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <iterator>

#include "base/ascii.h"

namespace kilonova::http {
namespace {

constexpr std::string_view kTransferEncoding = "Transfer-Encoding";

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  return line;
}

// RFC 9110 section 8.6: no length where there can be no body.
bool may_have_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

const std::string* find_header(const Headers& headers, std::string_view name) {
  auto found = std::ranges::find_if(headers, [&](const auto& header) { return same_name(header.first, name); });
  return found == headers.end() ? nullptr : &found->second;
}

std::string_view Request::header(std::string_view name) const {
  const std::string* value = find_header(headers, name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::string date_text(WallTime time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  time_t seconds = time.us / 1'000'000;
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                     kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string_view reason_of(unsigned status) {
  namespace beast = boost::beast::http;
  if (beast::int_to_status(status) == beast::status::unknown) return "Unknown";
  std::string_view reason = beast::obsolete_reason(static_cast<beast::status>(status));
  return reason;
}

std::string serialize(const Response& response, WallTime now, bool head, bool close) {
  std::string bytes;
  bytes.reserve(256 + 64 * response.headers.size() + response.body.size());
  auto out = std::back_inserter(bytes);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_of(response.status), date_text(now));
  // RFC 9112 section 6.3: a body without a length ends with its last chunk, or with its connection.
  bool has_length = find_header(response.headers, kTransferEncoding) == nullptr;
  for (const auto& [name, value] : response.headers)
    if (!close || !same_name(name, kTransferEncoding))
      fmt::format_to(out, "{}: {}\r\n", one_line(name), one_line(value));
  if (has_length && may_have_body(response.status))
    fmt::format_to(out, "Content-Length: {}\r\n", response.stream ? response.stream_bytes : response.body.size());
  if (close) bytes += "Connection: close\r\n";
  bytes += "\r\n";
  if (!head && may_have_body(response.status)) bytes += response.body;
  return bytes;
}

}  // namespace kilonova::http
