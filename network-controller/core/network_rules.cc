#include "network-controller/core/network_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "domain/form_rules.h"
#include "domain/nouns/network.h"
#include "domain/operation.h"

namespace kilonova::network {
namespace {

uint32_t host_mask(uint8_t prefix) { return (uint32_t{1} << (32 - prefix)) - 1; }

// Why parse_cidr refused: host bits get the answer that would be right.
std::string explain_cidr(const std::string& text) {
  std::string_view view = text;
  size_t slash = view.find('/');
  if (slash != std::string_view::npos) {
    std::string_view digits = view.substr(slash + 1);
    unsigned prefix = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    auto address = parse_ipv4(view.substr(0, slash));
    if (address && error == std::errc() && end == digits.data() + digits.size() && prefix >= 8 && prefix <= 30) {
      Cidr right{{address->value & ~host_mask(static_cast<uint8_t>(prefix))}, static_cast<uint8_t>(prefix)};
      return fmt::format("cidr '{}' has host bits set; '{}' would be right", text, to_string(right));
    }
  }
  return fmt::format("cidr '{}' is not of the form a.b.c.d/n with n from 8 to 30, such as 10.1.0.0/16", text);
}

Expected<> check_name(const std::string& name) {
  bool printable = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!name.empty() && name.size() <= 255 && printable) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("a network's name has 1 to 255 bytes and no control characters; this one has {} bytes{}",
                          name.size(), printable ? "" : " and control characters"));
}

}  // namespace

Expected<NetworkShape> validate(const RequestContext& context, const CreateNetwork& request) {
  if (auto checked = check_name(request.name); !checked) return std::unexpected(checked.error());
  if ((request.shared || request.external) && !context.is_admin())
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("only admins can create {} networks", request.shared ? "shared" : "external"));
  auto cidr = parse_cidr(request.cidr);
  if (!cidr || cidr->prefix < 8 || cidr->prefix > 30)
    return fail(ErrorCode::kInvalidArgument, explain_cidr(request.cidr));
  uint32_t last = cidr->network.value + host_mask(cidr->prefix);
  NetworkShape shape{*cidr, {cidr->network.value + 1}};
  if (request.gateway.empty()) return shape;
  auto gateway = parse_ipv4(request.gateway);
  if (!gateway)
    return fail(ErrorCode::kInvalidArgument, fmt::format("gateway '{}' is not an IPv4 address such as {}",
                                                         request.gateway, to_string(shape.gateway)));
  if (gateway->value <= cidr->network.value || gateway->value >= last)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("gateway '{}' is not in {}; it must be from {} to {}", request.gateway, to_string(*cidr),
                            to_string(shape.gateway), to_string(Ipv4{last - 1})));
  shape.gateway = *gateway;
  return shape;
}

}  // namespace kilonova::network
