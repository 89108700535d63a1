#include "api-server/front/openstack/microversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.h"

namespace kilonova::api::openstack {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "compute 2.79, volume 3.1": the version that stands behind "compute", the last one if it stands twice.
std::optional<std::string_view> version_of(std::string_view service, std::string_view value) {
  std::optional<std::string_view> found;
  while (!value.empty()) {
    std::string_view item = value.substr(0, value.find(','));
    value.remove_prefix(std::min(item.size() + 1, value.size()));
    item = trim(item);
    size_t space = item.find(' ');
    if (space != std::string_view::npos && to_lower(std::string(item.substr(0, space))) == service)
      found = trim(item.substr(space));
  }
  return found;
}

}  // namespace

std::string version_asked(const http::Request& request, std::string_view service) {
  std::string last;
  for (const auto& [name, value] : request.headers) {
    bool same = std::ranges::equal(name, kVersionHeader, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    if (!same) continue;
    if (auto version = version_of(service, value)) last = *version;
  }
  return last;
}

std::optional<uint32_t> version_number(std::string_view text) {
  uint32_t value = 0;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::expected<Minor, VersionRefusal> negotiate(const http::Request& request, Minor last) {
  std::string asked = version_asked(request, "compute");
  if (asked.empty()) asked = trim(request.header(kNovaVersionHeader));
  if (asked.empty()) return kFirstMinor;
  if (asked == "latest") return last;
  size_t dot = asked.find('.');
  std::optional<uint32_t> major = version_number(std::string_view(asked).substr(0, dot));
  std::optional<uint32_t> minor =
      dot == std::string::npos ? std::nullopt : version_number(std::string_view(asked).substr(dot + 1));
  if (!major || *major == 0 || !minor)
    return std::unexpected(VersionRefusal{
        400, fmt::format("API Version String {} is of invalid format. Must be of format MajorNum.MinorNum.", asked),
        ""});
  if (*major != 2 || *minor < kFirstMinor || *minor > last)
    return std::unexpected(
        VersionRefusal{406,
                       fmt::format("Version {} is not supported by the API. Minimum is 2.{} and maximum is 2.{}.",
                                   asked, kFirstMinor, last),
                       asked});
  return static_cast<Minor>(*minor);
}

}  // namespace kilonova::api::openstack
