// DescribeInstances, DescribeInstanceStatus, GetConsoleOutput.
#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instance_filters.h"
#include "api-server/front/ec2/instances.h"
#include "daemon/base64.h"
#include "domain/form_rules.h"
#include "domain/nouns/guest_view.h"

namespace kilonova::api::ec2 {
namespace {

using S = ShownInstance;

constexpr int64_t kMostResults = 1'000;  // also where none is asked for: the answer has a NextToken then

struct Wanted {
  std::vector<std::string> ids;
  std::vector<Filter> filters;
  size_t most = kMostResults;
  std::string marker;
};

// A NextToken is the id of the last server of the page before.
Result<Wanted> read_wanted(const Parameter& parameters) {
  Wanted wanted{.ids = parameters.texts("InstanceId")};
  auto filters = read_filters(parameters, instance_filters());
  if (!filters) return std::unexpected(std::move(filters.error()));
  wanted.filters = std::move(*filters);
  auto most = integer_of(parameters, "MaxResults", 1, kMostResults);
  if (!most) return std::unexpected(std::move(most.error()));
  if (*most && !wanted.ids.empty())
    return refused("InvalidParameterCombination", "The parameter InstanceId cannot be used with MaxResults.");
  wanted.most = static_cast<size_t>(most->value_or(kMostResults));
  wanted.marker = parameters.text("NextToken");
  if (!wanted.marker.empty() && !parse_uuid(wanted.marker))
    return refused("InvalidParameterValue", fmt::format("The NextToken {} is invalid", in_quotes(wanted.marker)));
  return wanted;
}

struct Found {
  std::vector<ShownInstance> instances;
  std::string next;  // "" = that was all
};

// One that went since its row was read is shown as that.
Task<Result<void>> add_terminated(Ec2Call& call, const Wanted& wanted, Found& found) {
  auto terminated = co_await terminated_instances(call);
  if (!terminated) co_return std::unexpected(std::move(terminated.error()));
  const size_t there = found.instances.size();
  for (ShownInstance& gone : *terminated) {
    auto is_shown = [&](const ShownInstance& one) { return one.server.uuid == gone.server.uuid; };
    if (std::ranges::any_of(found.instances | std::views::take(there), is_shown)) continue;
    if (passes(gone, wanted.filters, instance_filters())) found.instances.push_back(std::move(gone));
  }
  co_return Result<void>();
}

Task<Result<Found>> find_page(Ec2Call& call, const Wanted& wanted) {
  Found found;
  ListServers list{.limit = kMaxPageSize, .marker = wanted.marker};
  if (wanted.filters.empty()) list.limit = static_cast<uint32_t>(wanted.most);
  auto visited = co_await visit_instances(call, std::move(list), [&](ShownInstance one) {
    if (!passes(one, wanted.filters, instance_filters())) return true;
    found.instances.push_back(std::move(one));
    const bool is_full = found.instances.size() >= wanted.most;
    if (is_full) found.next = to_string(found.instances.back().server.uuid);
    return !is_full;
  });
  if (!visited) co_return std::unexpected(std::move(visited.error()));
  if (!found.next.empty() || !may_be_terminated(wanted.filters)) co_return found;
  if (auto added = co_await add_terminated(call, wanted, found); !added)
    co_return std::unexpected(std::move(added.error()));
  co_return found;
}

Task<Result<Found>> find_wanted(Ec2Call& call, const Wanted& wanted) {
  if (wanted.ids.empty()) co_return co_await find_page(call, wanted);
  auto named = co_await find_instances(call, wanted.ids);
  if (!named) co_return std::unexpected(std::move(named.error()));
  std::erase_if(*named, [&](const S& one) { return !passes(one, wanted.filters, instance_filters()); });
  co_return Found{std::move(*named), ""};
}

Task<Result<void>> describe_instances(Ec2Call& call, Xml reply) {
  auto wanted = read_wanted(call.parameters);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto found = co_await find_wanted(call, *wanted);
  if (!found) co_return std::unexpected(std::move(found.error()));
  add_reservations(add(reply, "reservationSet"), found->instances);
  if (!found->next.empty()) add(reply, "nextToken", found->next);
  co_return Result<void>();
}

void add_check(Xml item, const char* name, bool is_running) {
  Xml status = add(item, name);
  add(status, "status", is_running ? "ok" : "not-applicable");
  Xml details = add(status, "details");
  if (!is_running) return;
  Xml detail = add(details, "item");
  add(detail, "name", "reachability");
  add(detail, "status", "passed");
}

// Running ones only, unless all are asked for.
Task<Result<void>> describe_instance_status(Ec2Call& call, Xml reply) {
  auto wanted = read_wanted(call.parameters);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto all = boolean_of(call.parameters, "IncludeAllInstances");
  if (!all) co_return std::unexpected(std::move(all.error()));
  if (!*all) wanted->filters.push_back({"instance-state-name", {kRunning.name}});
  auto found = co_await find_wanted(call, *wanted);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Xml set = add(reply, "instanceStatusSet");
  for (const ShownInstance& one : found->instances) {
    const InstanceState state = state_of(one.server);
    Xml item = add(set, "item");
    add(item, "instanceId", instance_id(one.server));
    add(item, "availabilityZone", one.server.spec.availability_zone);
    add_state(item, "instanceState", state);
    add_check(item, "systemStatus", state == kRunning);
    add_check(item, "instanceStatus", state == kRunning);
    add(item, "eventsSet");
  }
  if (!found->next.empty()) add(reply, "nextToken", found->next);
  co_return Result<void>();
}

Task<Result<void>> get_console_output(Ec2Call& call, Xml reply) {
  auto id = required(call.parameters, "InstanceId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto found = co_await find_instance(call, *id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto console = co_await ask(call, GetConsoleOutput{.server = to_string(found->server.uuid)});
  // Until a host has it, it has said nothing.
  const bool has_none =
      !console && (console.error().code == ErrorCode::kConflict || console.error().code == ErrorCode::kNotFound);
  if (!console && !has_none) co_return std::unexpected(refusal_of(console.error()));
  add(reply, "instanceId", *id);
  add(reply, "timestamp", call.base.loop.wall_now());
  add(reply, "output", console ? to_base64(console->output) : std::string());
  co_return Result<void>();
}

constexpr std::string_view kDescribeParameters[] = {"Filter", "InstanceId", "MaxResults", "NextToken"};
constexpr std::string_view kStatusParameters[] = {"Filter", "InstanceId", "MaxResults", "NextToken",
                                                  "IncludeAllInstances"};
constexpr std::string_view kConsoleParameters[] = {"InstanceId", "Latest"};

constexpr Action kActions[] = {
    {"DescribeInstances", UserRole::kReader, &describe_instances, kDescribeParameters},
    {"DescribeInstanceStatus", UserRole::kReader, &describe_instance_status, kStatusParameters},
    {"GetConsoleOutput", UserRole::kMember, &get_console_output, kConsoleParameters},
};

}  // namespace

std::span<const Action> instance_actions() { return kActions; }

}  // namespace kilonova::api::ec2
