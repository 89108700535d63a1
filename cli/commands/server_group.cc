// kilonova server group: server groups, with the verbs of the openstack command.
#include "domain/nouns/server_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

std::string id_text(const std::string& bytes) {
  Uuid id;
  if (bytes.size() == id.bytes.size()) __builtin_memcpy(id.bytes.data(), bytes.data(), id.bytes.size());
  return to_string(id);
}

std::string policy_text(v1::GroupPolicy policy) { return std::string(to_string(static_cast<GroupPolicy>(policy))); }

template <class Members>
std::vector<std::string> members_of(const v1::ServerGroup& group, const Members& members) {
  std::vector<std::string> ids;
  for (const v1::ServerGroupMember& member : members)
    if (member.group() == group.id()) ids.push_back(id_text(member.instance()));
  return ids;
}

Json to_json(const v1::ServerGroup& group, const std::vector<std::string>& members) {
  Json rules = Json::object();
  if (group.max_server_per_host() != 0) rules["max_server_per_host"] = group.max_server_per_host();
  return {{"id", id_text(group.id())},
          {"name", group.name()},
          {"policy", policy_text(group.policy())},
          {"rules", rules},
          {"members", members},
          {"project_id", id_text(group.project_id())},
          {"user_id", id_text(group.user_id())},
          {"created_at", to_iso8601(WallTime{group.created_at_us()})}};
}

std::string rules_text(const v1::ServerGroup& group) {
  return group.max_server_per_host() == 0 ? "" : fmt::format("max_server_per_host={}", group.max_server_per_host());
}

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ", ") + id;
  return text;
}

Expected<int> print_one(const v1::ServerGroup& group, const std::vector<std::string>& members,
                        const OutputStyle& style) {
  return print_record(style,
                      {{"id", id_text(group.id())},
                       {"name", group.name()},
                       {"policy", policy_text(group.policy())},
                       {"rules", rules_text(group)},
                       {"members", joined(members)}},
                      to_json(group, members));
}

Expected<int> list(Session& session, bool all_projects, const OutputStyle& style) {
  v1::ListServerGroupsRequest request;
  request.set_all_projects(all_projects);
  Records records({{"ID", "id"},
                   {"Name", "name"},
                   {"Policy", "policy"},
                   {"Rules", "", Align::kLeft, 2},
                   {"Members", "", Align::kRight, 1}});
  for (;;) {
    auto reply = session.call(&v1::Cloud::Stub::ListServerGroups, request);
    if (!reply) return std::unexpected(reply.error());
    for (const v1::ServerGroup& one : reply->groups()) {
      const std::vector<std::string> members = members_of(one, reply->members());
      records.add(
          {id_text(one.id()), one.name(), policy_text(one.policy()), rules_text(one), std::to_string(members.size())},
          to_json(one, members));
      request.set_marker(id_text(one.id()));
    }
    if (!reply->more()) return print_records(style, records);
  }
}

Expected<int> show(Session& session, const std::string& group, const OutputStyle& style) {
  v1::ListServerGroupsRequest request;
  request.set_group(group);
  auto reply = session.call(&v1::Cloud::Stub::ListServerGroups, request);
  if (!reply) return std::unexpected(reply.error());
  if (reply->groups().empty()) return fail(ErrorCode::kNotFound, "server group '" + group + "' not found");
  return print_one(reply->groups(0), members_of(reply->groups(0), reply->members()), style);
}

struct New {
  std::string name;
  std::string policy = "affinity";
  std::vector<std::string> rules;  // "max_server_per_host=N"
};

Expected<uint32_t> max_server_per_host(const std::vector<std::string>& rules) {
  constexpr std::string_view kRule = "max_server_per_host=";
  uint32_t most = 0;
  for (const std::string& rule : rules) {
    const std::string_view number = std::string_view(rule).substr(std::min(rule.size(), kRule.size()));
    auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), most);
    if (!rule.starts_with(kRule) || error != std::errc() || end != number.data() + number.size() || most == 0)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the rule '{}' must be max_server_per_host=N, of at least 1", rule));
  }
  return most;
}

Expected<int> create(Session& session, const New& wanted, const OutputStyle& style) {
  auto policy = find_group_policy(wanted.policy);
  if (!policy)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("policy '{}' is unknown; there are affinity, anti-affinity, soft-affinity and "
                            "soft-anti-affinity",
                            wanted.policy));
  auto most = max_server_per_host(wanted.rules);
  if (!most) return std::unexpected(most.error());
  v1::CreateServerGroupRequest request;
  request.set_name(wanted.name);
  request.set_policy(static_cast<v1::GroupPolicy>(*policy));
  request.set_max_server_per_host(*most);
  auto reply = session.call(&v1::Cloud::Stub::CreateServerGroup, request);
  if (!reply) return std::unexpected(reply.error());
  return print_one(reply->group(), {}, style);
}

Expected<int> remove(Session& session, const std::vector<std::string>& groups) {
  for (const std::string& group : groups) {
    v1::DeleteServerGroupRequest request;
    request.set_group(group);
    auto reply = session.call(&v1::Cloud::Stub::DeleteServerGroup, request);
    if (!reply) return std::unexpected(reply.error());
  }
  return 0;
}

}  // namespace

void add_server_group(CLI::App& server, Globals& globals) {
  CLI::App& noun = *server.add_subcommand("group", "Server groups, whose hosts are chosen with regard to each other");
  noun.require_subcommand(1);
  auto all_projects = std::make_shared<bool>(false);
  CLI::App* list_command = noun.add_subcommand("list", "The project's server groups");
  list_command->add_flag("--all-projects", *all_projects, "Those of every project (admins)");
  run_with_session(*list_command, globals,
                   [all_projects, &globals](Session& session) { return list(session, *all_projects, globals.style); });

  auto group = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One server group");
  show_command->add_option("GROUP", *group, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [group, &globals](Session& session) { return show(session, *group, globals.style); });

  auto made = std::make_shared<New>();
  CLI::App* create_command = noun.add_subcommand("create", "Create a server group");
  create_command->add_option("NAME", made->name, "Name")->required();
  create_command->add_option("--policy", made->policy, "affinity, anti-affinity, soft-affinity or soft-anti-affinity");
  add_repeated(*create_command, "--rule", made->rules, "max_server_per_host=N, of policy anti-affinity");
  run_with_session(*create_command, globals,
                   [made, &globals](Session& session) { return create(session, *made, globals.style); });

  auto groups = std::make_shared<std::vector<std::string>>();
  CLI::App* delete_command = noun.add_subcommand("delete", "Delete server groups; their servers stay");
  delete_command->add_option("GROUP", *groups, "Names or ids")->required();
  run_with_session(*delete_command, globals, [groups](Session& session) { return remove(session, *groups); });
}

}  // namespace kilonova::cli
