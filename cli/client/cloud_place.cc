#include "cli/client/cloud_place.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "cli/output/text.h"
#include "rpc/node/address.h"

namespace kilonova::cli {
namespace {

constexpr std::string_view kTlsScheme = "https://";

std::string absolute(const std::string& directory) {
  return std::filesystem::absolute(directory).lexically_normal().string();
}

std::string name_of(const Setting& endpoint) { return endpoint.is_given() ? "--endpoint" : "KILONOVA_ENDPOINT"; }

// Without the scheme.
Expected<std::string> address_in(const Setting& endpoint) {
  std::string_view address = endpoint.value;
  auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} '{}' {}: say HOST:PORT, or https://HOST:PORT with TLS",
                                                         name_of(endpoint), one_line(endpoint.value), why));
  };
  if (address.starts_with(kTlsScheme)) {
    address.remove_prefix(kTlsScheme.size());
  } else if (size_t scheme = address.find("://"); scheme != std::string_view::npos) {
    return wrong(fmt::format("begins with {}", address.substr(0, scheme + 3)));
  }
  while (address.ends_with('/') && !address.starts_with("unix:")) address.remove_suffix(1);
  if (address.find('/') != std::string_view::npos && !address.starts_with("unix:"))
    return wrong("has a path behind the port");
  auto parsed = parse_listen_address(std::string(address));
  if (!parsed || (!parsed->is_unix() && parsed->port == "0")) return wrong("is no address of a cloud");
  return std::string(address);
}

}  // namespace

Expected<CloudPlace> cloud_place(const Globals& globals) {
  CloudPlace place{.endpoint = {}, .https = false, .state_dir = absolute(globals.state_dir.value), .tls = {}};
  const Setting& endpoint = globals.endpoint;
  bool by_endpoint = endpoint.is_given() || (endpoint.source == Source::kEnvironment && !globals.state_dir.is_given());
  if (by_endpoint) {
    Expected<std::string> address = address_in(endpoint);
    if (!address) return std::unexpected(address.error());
    place.endpoint = std::move(*address);
    place.https = endpoint.value.starts_with(kTlsScheme);
  }
  bool of_another = globals.state_dir.is_given() && !by_endpoint;
  auto file = [&](const Setting& setting) { return setting.is_given() || !of_another ? setting.value : std::string(); };
  place.tls.ca = file(globals.ca);
  place.tls.certificate = file(globals.certificate);
  place.tls.key = file(globals.key);
  return place;
}

Expected<std::string> own_state_dir(const Globals& globals, const std::string& command) {
  if (globals.endpoint.is_given() && !globals.state_dir.is_given())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("`{}` is about the processes of a state directory, of which --endpoint says nothing: "
                            "give --state-dir",
                            command));
  return absolute(globals.state_dir.value);
}

}  // namespace kilonova::cli
