#include "api-server/front/openstack/compute/personality.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "domain/nouns/quota.h"
#include "domain/server_properties.h"

namespace kilonova::api::openstack {
namespace {

// As Python reads base64: what is no digit is skipped. Nothing where digits or padding are missing.
std::optional<int64_t> decoded_bytes(const std::string& base64) {
  auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  const auto digits = std::ranges::count_if(base64, is_digit);
  const auto padding = std::ranges::count(base64, '=');
  if (digits % 4 == 1 || (digits % 4 != 0 && padding < 4 - digits % 4)) return std::nullopt;
  return digits * 3 / 4;
}

Rule base64_rule() {
  return [form = text()](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (decoded_bytes(value.get_ref<const std::string&>())) return std::nullopt;
    return Failure{field, value.get<std::string>(), python_repr(value) + " is not a 'base64'"};
  };
}

}  // namespace

Rule personality_rule() { return list_of(object({{"path", text()}, {"contents", base64_rule()}})); }

Rule certificates_rule() {
  Rule list = list_of(text(1), 1, kMaxTrustedCertificates);
  return null_or([list](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = list(value, field, minor)) return wrong;
    std::set<std::string> ids(value.begin(), value.end());
    if (ids.size() == value.size()) return std::nullopt;
    return Failure{field, python_repr(value), python_repr(value) + " has non-unique elements"};
  });
}

// nova/compute/api.py API._check_injected_file_quota.
Task<Answered> check_personality(Call& call, const Json& server) {
  const Json* files = member(server, "personality");
  if (files == nullptr || files->empty()) co_return Answer{};
  auto quota = co_await ask(call, GetQuota{.user = to_string(call.caller.user_id)});
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  auto exceeds = [](int64_t amount, int64_t limit) { return limit >= 0 && amount > limit; };
  if (exceeds(static_cast<int64_t>(files->size()), quota->quota.injected_files))
    co_return refused(403, "Personality file limit exceeded");
  for (const Json& file : *files) {
    const int64_t path = quota->quota.injected_file_path_bytes;
    if (exceeds(static_cast<int64_t>(text_at(file, "path").size()), path))
      co_return refused(403, fmt::format("Personality file path exceeds maximum {}", path));
    const int64_t content = quota->quota.injected_file_content_bytes;
    if (exceeds(decoded_bytes(text_at(file, "contents")).value_or(0), content))
      co_return refused(403, fmt::format("Personality file content exceeds maximum {}", content));
  }
  co_return Answer{};
}

}  // namespace kilonova::api::openstack
