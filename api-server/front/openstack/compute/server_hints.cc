#include "api-server/front/openstack/compute/server_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

// One server, or a list of them.
Rule servers_rule() {
  return [one = uuid(), list = list_of(uuid())](const Json& value, const std::string& field,
                                                Minor minor) -> std::optional<Failure> {
    return value.is_array() ? list(value, field, minor) : one(value, field, minor);
  };
}

Rule address_rule() {
  return [form = text()](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (parse_ip(value.get_ref<const std::string&>())) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} is not a 'ipv4'", python_repr(value))};
  };
}

Rule prefix_rule() {
  return [form = text()](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    const std::string& prefix = value.get_ref<const std::string&>();
    const bool known = prefix.size() > 1 && prefix.front() == '/' &&
                       prefix.find_first_not_of("0123456789abcdef.:", 1) == std::string::npos;
    if (known) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} does not match '^/[0-9a-f.:]+$'", python_repr(value))};
  };
}

Rule query_rule() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (value.is_string() || value.is_object()) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} is not of type 'string', 'object'", python_repr(value))};
  };
}

std::vector<std::string> texts_at(const Json& hints, std::string_view key) {
  const Json* value = member(hints, key);
  if (value == nullptr) return {};
  if (value->is_string()) return {value->get<std::string>()};
  std::vector<std::string> texts;
  for (const Json& one : *value) texts.push_back(one.get<std::string>());
  return texts;
}

}  // namespace

Rule hints_rule() {
  struct Known {
    std::string name;
    Rule rule;
  };
  std::vector<Known> known{
      {"group", uuid()},       {"same_host", servers_rule()}, {"different_host", servers_rule()},
      {"query", query_rule()}, {"target_cell", name()},       {"build_near_host_ip", address_rule()},
      {"cidr", prefix_rule()}};
  return [known = std::move(known), whole = map_of(anything())](const Json& value, const std::string& field,
                                                                Minor minor) -> std::optional<Failure> {
    if (auto wrong = whole(value, field, minor)) return wrong;
    for (const Known& hint : known)
      if (const Json* given = member(value, hint.name))
        if (auto wrong = hint.rule(*given, hint.name, minor)) return wrong;
    return std::nullopt;
  };
}

void read_hints(const Json& body, CreateServers& wanted) {
  for (const char* key : {"OS-SCH-HNT:scheduler_hints", "os:scheduler_hints"}) {
    const Json* hints = member(body, key);
    if (hints == nullptr) continue;
    wanted.server_group = text_at(*hints, "group");
    wanted.same_host = texts_at(*hints, "same_host");
    wanted.different_host = texts_at(*hints, "different_host");
  }
}

Rule hostname_rule() {
  return [form = text(2, 63)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (check_hostname(value.get_ref<const std::string&>())) return std::nullopt;
    return Failure{field, python_repr(value),
                   fmt::format("{} does not match '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$'", python_repr(value))};
  };
}

}  // namespace kilonova::api::openstack
