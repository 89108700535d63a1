#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/output/properties.h"

namespace kilonova::cli {
namespace {

Json to_json(const v1::Aggregate& aggregate) {
  return {{"id", std::to_string(aggregate.id())},
          {"name", aggregate.name()},
          {"availability_zone", aggregate.availability_zone()},
          {"hosts", std::vector<std::string>(aggregate.hosts().begin(), aggregate.hosts().end())},
          {"properties", properties_json(aggregate.metadata())},
          {"created_at", to_iso8601(WallTime{aggregate.created_at_us()})},
          {"updated_at", to_iso8601(WallTime{aggregate.updated_at_us()})}};
}

Expected<int> print_one(const v1::Aggregate& aggregate, const OutputStyle& style) {
  return print_record(style,
                      {{"id", std::to_string(aggregate.id())},
                       {"name", aggregate.name()},
                       {"availability_zone", aggregate.availability_zone()},
                       {"hosts", fmt::format("{}", fmt::join(aggregate.hosts(), ", "))},
                       {"properties", properties_text(aggregate.metadata())}},
                      to_json(aggregate));
}

Expected<int> list(Session& session, const OutputStyle& style) {
  v1::ListAggregatesRequest request;
  Records records({{"ID", "id", Align::kRight},
                   {"Name", "name"},
                   {"Availability zone", "availability_zone"},
                   {"Hosts", "hosts", Align::kLeft, 1},
                   {"Properties", "properties", Align::kLeft, 2}});
  auto reply = list_whole(session, &v1::Cloud::Stub::ListAggregates, request);
  if (!reply) return std::unexpected(reply.error());
  for (const v1::Aggregate& one : reply->aggregates())
    records.add({std::to_string(one.id()), one.name(), one.availability_zone(),
                 fmt::format("{}", fmt::join(one.hosts(), ", ")), properties_text(one.metadata())},
                to_json(one));
  return print_records(style, records);
}

Expected<int> show(Session& session, const std::string& aggregate, const OutputStyle& style) {
  v1::ListAggregatesRequest request;
  request.set_aggregate(aggregate);
  auto reply = session.call(&v1::Cloud::Stub::ListAggregates, request);
  if (!reply) return std::unexpected(reply.error());
  if (reply->aggregates().empty()) return fail(ErrorCode::kNotFound, "aggregate '" + aggregate + "' not found");
  return print_one(reply->aggregates(0), style);
}

struct Change {
  std::string aggregate;
  std::string name;
  std::string zone;
  std::vector<std::string> properties;  // "key=value", or keys of `unset`
};

Expected<int> change(Session& session, const Change& options, bool unset, const OutputStyle& style) {
  v1::SetAggregateRequest request;
  request.set_aggregate(options.aggregate);
  request.set_name(options.name);
  request.set_availability_zone(options.zone);
  if (unset) {
    request.mutable_unset()->Assign(options.properties.begin(), options.properties.end());
  } else if (auto added = add_properties(options.properties, request.mutable_set()); !added) {
    return std::unexpected(added.error());
  }
  auto reply = session.call(&v1::Cloud::Stub::SetAggregate, request);
  if (!reply) return std::unexpected(reply.error());
  return print_one(reply->aggregate(), style);
}

Expected<int> create(Session& session, Change options, const OutputStyle& style) {
  v1::CreateAggregateRequest request;
  request.set_name(options.name);
  request.set_availability_zone(options.zone);
  auto reply = session.call(&v1::Cloud::Stub::CreateAggregate, request);
  if (!reply) return std::unexpected(reply.error());
  if (options.properties.empty()) return print_one(reply->aggregate(), style);
  return change(session, {std::to_string(reply->aggregate().id()), "", "", options.properties}, false, style);
}

Expected<int> remove(Session& session, const std::string& aggregate) {
  v1::DeleteAggregateRequest request;
  request.set_aggregate(aggregate);
  auto reply = session.call(&v1::Cloud::Stub::DeleteAggregate, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

void add_changes(CLI::App& noun, Globals& globals) {
  auto made = std::make_shared<Change>();
  CLI::App* create_command = noun.add_subcommand("create", "Create an aggregate");
  create_command->add_option("NAME", made->name, "Name")->required();
  create_command->add_option("--zone", made->zone, "Availability zone of its hosts");
  add_repeated(*create_command, "--property", made->properties, "key=value");
  run_with_session(*create_command, globals,
                   [made, &globals](Session& session) { return create(session, *made, globals.style); });

  auto changed = std::make_shared<Change>();
  CLI::App* set_command = noun.add_subcommand("set", "Change the name, zone or properties of an aggregate");
  set_command->add_option("AGGREGATE", changed->aggregate, "Name or id")->required();
  set_command->add_option("--name", changed->name, "New name");
  set_command->add_option("--zone", changed->zone, "Availability zone of its hosts");
  add_repeated(*set_command, "--property", changed->properties, "key=value");
  run_with_session(*set_command, globals,
                   [changed, &globals](Session& session) { return change(session, *changed, false, globals.style); });

  CLI::App* unset_command = noun.add_subcommand("unset", "Take properties away from an aggregate");
  unset_command->add_option("AGGREGATE", changed->aggregate, "Name or id")->required();
  add_repeated(*unset_command, "--property", changed->properties, "Key; availability_zone takes the zone away")->required();
  run_with_session(*unset_command, globals,
                   [changed, &globals](Session& session) { return change(session, *changed, true, globals.style); });
}

// `aggregate add host AGGREGATE HOST` and `aggregate remove host ...`, as the openstack command has them.
template <class Request, class Reply>
void add_host_verb(CLI::App& noun, Globals& globals, const char* verb, const char* description,
                   grpc::Status (v1::Cloud::Stub::*method)(grpc::ClientContext*, const Request&, Reply*)) {
  auto request = std::make_shared<Request>();
  CLI::App* outer = noun.add_subcommand(verb, description);
  outer->require_subcommand(1);
  CLI::App* command = outer->add_subcommand("host", description);
  command->add_option_function<std::string>(
             "AGGREGATE", [request](const std::string& text) { request->set_aggregate(text); }, "Name or id")
      ->required();
  command->add_option_function<std::string>(
             "HOST", [request](const std::string& text) { request->set_host(text); }, "Name")
      ->required();
  run_with_session(*command, globals, [request, method, &globals](Session& session) -> Expected<int> {
    auto reply = session.call(method, *request);
    if (!reply) return std::unexpected(reply.error());
    return print_one(reply->aggregate(), globals.style);
  });
}

// `aggregate cache image AGGREGATE IMAGE...`, as the openstack command has it.
void add_cache_image(CLI::App& noun, Globals& globals) {
  constexpr const char* kDescription = "Let the hosts of an aggregate download images";
  auto request = std::make_shared<v1::CacheAggregateImagesRequest>();
  CLI::App* outer = noun.add_subcommand("cache", kDescription);
  outer->require_subcommand(1);
  CLI::App* command = outer->add_subcommand("image", kDescription);
  command->add_option_function<std::string>(
             "AGGREGATE", [request](const std::string& text) { request->set_aggregate(text); }, "Name or id")
      ->required();
  command->add_option_function<std::vector<std::string>>(
             "IMAGE",
             [request](const std::vector<std::string>& images) {
               for (const std::string& image : images) request->add_images(image);
             },
             "Names or ids")
      ->required();
  run_with_session(*command, globals, [request](Session& session) -> Expected<int> {
    auto reply = session.call(&v1::Cloud::Stub::CacheAggregateImages, *request);
    if (!reply) return std::unexpected(reply.error());
    return 0;
  });
}

}  // namespace

void add_aggregate(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "aggregate", "Host aggregates (admins): list, show, create, set, unset, delete, add, remove, cache");
  CLI::App* list_command = noun.add_subcommand("list", "All aggregates");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.style); });

  auto aggregate = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One aggregate");
  show_command->add_option("AGGREGATE", *aggregate, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [aggregate, &globals](Session& session) { return show(session, *aggregate, globals.style); });
  add_changes(noun, globals);
  add_host_verb<v1::AddAggregateHostRequest, v1::AddAggregateHostReply>(
      noun, globals, "add", "Put a host into an aggregate", &v1::Cloud::Stub::AddAggregateHost);
  add_host_verb<v1::RemoveAggregateHostRequest, v1::RemoveAggregateHostReply>(
      noun, globals, "remove", "Take a host out of an aggregate", &v1::Cloud::Stub::RemoveAggregateHost);
  add_cache_image(noun, globals);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete an aggregate that has no hosts");
  delete_command->add_option("AGGREGATE", *aggregate, "Name or id")->required();
  run_with_session(*delete_command, globals, [aggregate](Session& session) { return remove(session, *aggregate); });
}

}  // namespace kilonova::cli
