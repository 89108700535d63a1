#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/output/properties.h"

namespace kilonova::cli {
namespace {

Expected<int> list(Session& session, const std::string& flavor, const OutputStyle& style) {
  v1::ListFlavorsRequest request;
  request.set_flavor(flavor);
  auto reply = list_whole(session, &v1::Cloud::Stub::ListFlavors, request);
  if (!reply) return std::unexpected(reply.error());
  Records records({{"ID", "id", Align::kLeft, 0, CellKind::kId},
                   {"Name", "name"},
                   {"VCPUs", "vcpus", Align::kRight},
                   {"RAM MiB", "memory_mb", Align::kRight},
                   {"Disk GiB", "root_gb", Align::kRight},
                   {"Ephemeral GiB", "ephemeral_gb", Align::kRight, 1},
                   {"Swap MiB", "swap_mb", Align::kRight, 2},
                   {"Public", "is_public", Align::kLeft, 3},
                   {"Properties", "properties", Align::kLeft, 4}});
  for (const v1::Flavor& one : reply->flavors())
    records.add({one.id(), one.name(), std::to_string(one.vcpus()), std::to_string(one.memory_mb()),
                 std::to_string(one.root_gb()), std::to_string(one.ephemeral_gb()), std::to_string(one.swap_mb()),
                 yes_no(one.is_public()), properties_text(one.extra_specs())},
                to_json(one));
  return print_records(style, records);
}

Expected<int> print_one(const v1::Flavor& flavor, const OutputStyle& style) {
  return print_record(style,
                      {{"id", flavor.id()},
                       {"name", flavor.name()},
                       {"vcpus", std::to_string(flavor.vcpus())},
                       {"memory_mb", std::to_string(flavor.memory_mb())},
                       {"root_gb", std::to_string(flavor.root_gb())},
                       {"ephemeral_gb", std::to_string(flavor.ephemeral_gb())},
                       {"swap_mb", std::to_string(flavor.swap_mb())},
                       {"is_public", yes_no(flavor.is_public())},
                       {"rxtx_factor", fmt::format("{}", flavor.has_rxtx_factor() ? flavor.rxtx_factor() : 1.0)},
                       {"properties", properties_text(flavor.extra_specs())}},
                      to_json(flavor));
}

Expected<int> show(Session& session, const std::string& flavor, const OutputStyle& style) {
  v1::ListFlavorsRequest request;
  request.set_flavor(flavor);
  auto reply = list_whole(session, &v1::Cloud::Stub::ListFlavors, request);
  if (!reply) return std::unexpected(reply.error());
  if (reply->flavors().empty()) return fail(ErrorCode::kNotFound, "flavor '" + flavor + "' not found");
  return print_one(reply->flavors(0), style);
}

struct Create {
  std::string id = "auto";
  std::string name;
  int64_t vcpus = 1;
  std::optional<int64_t> ram;
  std::optional<int64_t> disk;
  std::optional<int64_t> ephemeral;
  std::optional<int64_t> swap;
  double rxtx_factor = 1;
  bool is_private = false;
  std::vector<std::string> properties;
};

Expected<int> create(Session& session, const Create& options, const OutputStyle& style) {
  v1::CreateFlavorRequest request;
  v1::Flavor& flavor = *request.mutable_flavor();
  flavor.set_id(options.id);
  flavor.set_name(options.name);
  flavor.set_vcpus(options.vcpus);
  flavor.set_memory_mb(options.ram.value_or(0));
  flavor.set_root_gb(options.disk.value_or(0));
  flavor.set_ephemeral_gb(options.ephemeral.value_or(0));
  flavor.set_swap_mb(options.swap.value_or(0));
  flavor.set_rxtx_factor(options.rxtx_factor);
  flavor.set_is_public(!options.is_private);
  if (auto added = add_properties(options.properties, flavor.mutable_extra_specs()); !added)
    return std::unexpected(added.error());
  auto reply = session.call(&v1::Cloud::Stub::CreateFlavor, request);
  if (!reply) return std::unexpected(reply.error());
  return print_one(reply->flavor(), style);
}

struct Change {
  std::string flavor;
  std::vector<std::string> properties;  // "key=value", or keys of `unset`
};

Expected<int> change(Session& session, const Change& options, bool unset, const OutputStyle& style) {
  v1::SetFlavorRequest request;
  request.set_flavor(options.flavor);
  if (unset) {
    request.mutable_unset()->Assign(options.properties.begin(), options.properties.end());
  } else if (auto added = add_properties(options.properties, request.mutable_set()); !added) {
    return std::unexpected(added.error());
  }
  auto reply = session.call(&v1::Cloud::Stub::SetFlavor, request);
  if (!reply) return std::unexpected(reply.error());
  return print_one(reply->flavor(), style);
}

Expected<int> remove(Session& session, const std::string& flavor) {
  v1::DeleteFlavorRequest request;
  request.set_flavor(flavor);
  auto reply = session.call(&v1::Cloud::Stub::DeleteFlavor, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

void add_create(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Create>();
  CLI::App* command = noun.add_subcommand("create", "A new size of server (admins)");
  command->add_option("NAME", options->name, "Name")->required();
  command->add_option("--id", options->id, "Id; auto = drawn");
  command->add_option("--vcpus", options->vcpus, "Virtual CPUs")->type_name("N");
  add_amount(*command, "--ram", options->ram, kMiB, "Memory in MiB, or as 4G")->required();
  add_amount(*command, "--disk", options->disk, kGiB, "Root disk in GiB, or as 20G")->default_str("0");
  add_amount(*command, "--ephemeral", options->ephemeral, kGiB, "Second disk in GiB, or as 20G")->default_str("0");
  add_amount(*command, "--swap", options->swap, kMiB, "Swap in MiB, or as 1G")->default_str("0");
  command->add_option("--rxtx-factor", options->rxtx_factor, "How much faster its interfaces are; nothing heeds it")
      ->type_name("FACTOR");
  command->add_flag("--private", options->is_private, "Only admins see it");
  add_repeated(*command, "--property", options->properties, "Extra spec that filters read, key=value");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.style); });
}

void add_change(CLI::App& noun, Globals& globals, const char* verb, const char* description, const char* property,
                bool unset) {
  auto options = std::make_shared<Change>();
  CLI::App* command = noun.add_subcommand(verb, description);
  command->add_option("FLAVOR", options->flavor, "Name or id")->required();
  add_repeated(*command, "--property", options->properties, property)->required();
  run_with_session(*command, globals, [options, unset, &globals](Session& session) {
    return change(session, *options, unset, globals.style);
  });
}

}  // namespace

void add_flavor(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "flavor", "Sizes of server: list, show, create, set, unset, delete");
  CLI::App* list_command = noun.add_subcommand("list", "All flavors");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, "", globals.style); });

  auto flavor = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One flavor");
  show_command->add_option("FLAVOR", *flavor, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [flavor, &globals](Session& session) { return show(session, *flavor, globals.style); });
  add_create(noun, globals);
  add_change(noun, globals, "set", "Put extra specs on a flavor; servers keep those of their launch (admins)",
             "Extra spec that filters read, key=value", false);
  add_change(noun, globals, "unset", "Take extra specs away from a flavor (admins)", "Key", true);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete a flavor; servers keep what they have (admins)");
  delete_command->add_option("FLAVOR", *flavor, "Name or id")->required();
  run_with_session(*delete_command, globals, [flavor](Session& session) { return remove(session, *flavor); });
}

}  // namespace kilonova::cli
