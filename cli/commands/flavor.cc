#include <memory>

#include "cli/cli.h"
#include "cli/commands/command.h"

namespace kilonova::cli {
namespace {

Expected<int> list(Session& session, const std::string& flavor, bool json) {
  v1::ListFlavorsRequest request;
  request.set_flavor(flavor);
  auto reply = session.call(&v1::Cloud::Stub::ListFlavors, request);
  if (!reply) return std::unexpected(reply.error());
  if (json) {
    print_json(list_to_json(reply->flavors()));
    return 0;
  }
  Table table({{"ID"}, {"Name"}, {"VCPUs", Align::kRight}, {"RAM MiB", Align::kRight}, {"Disk GiB", Align::kRight},
               {"Ephemeral GiB", Align::kRight}, {"Swap MiB", Align::kRight}, {"Public"}});
  for (const v1::Flavor& one : reply->flavors())
    table.add_row({one.id(), one.name(), std::to_string(one.vcpus()), std::to_string(one.memory_mb()),
                   std::to_string(one.root_gb()), std::to_string(one.ephemeral_gb()), std::to_string(one.swap_mb()),
                   yes_no(one.is_public())});
  print_table(table);
  return 0;
}

void print_one(const v1::Flavor& flavor, bool json) {
  if (json) {
    print_json(to_json(flavor));
    return;
  }
  print_fields({{"id", flavor.id()},
                {"name", flavor.name()},
                {"vcpus", std::to_string(flavor.vcpus())},
                {"ram_mib", std::to_string(flavor.memory_mb())},
                {"disk_gib", std::to_string(flavor.root_gb())},
                {"ephemeral_gib", std::to_string(flavor.ephemeral_gb())},
                {"swap_mib", std::to_string(flavor.swap_mb())},
                {"public", yes_no(flavor.is_public())}});
}

Expected<int> show(Session& session, const std::string& flavor, bool json) {
  v1::ListFlavorsRequest request;
  request.set_flavor(flavor);
  auto reply = session.call(&v1::Cloud::Stub::ListFlavors, request);
  if (!reply) return std::unexpected(reply.error());
  if (reply->flavors().empty()) return fail(ErrorCode::kNotFound, "flavor '" + flavor + "' not found");
  print_one(reply->flavors(0), json);
  return 0;
}

struct Create {
  std::string id = "auto";
  std::string name;
  int64_t vcpus = 1;
  int64_t ram = 0;
  int64_t disk = 0;
  int64_t ephemeral = 0;
  int64_t swap = 0;
  bool is_private = false;
};

Expected<int> create(Session& session, const Create& options, bool json) {
  v1::CreateFlavorRequest request;
  v1::Flavor& flavor = *request.mutable_flavor();
  flavor.set_id(options.id);
  flavor.set_name(options.name);
  flavor.set_vcpus(options.vcpus);
  flavor.set_memory_mb(options.ram);
  flavor.set_root_gb(options.disk);
  flavor.set_ephemeral_gb(options.ephemeral);
  flavor.set_swap_mb(options.swap);
  flavor.set_is_public(!options.is_private);
  auto reply = session.call(&v1::Cloud::Stub::CreateFlavor, request);
  if (!reply) return std::unexpected(reply.error());
  print_one(reply->flavor(), json);
  return 0;
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
  command->add_option("NAME", options->name, "Its name")->required();
  command->add_option("--id", options->id, "Its id; auto = drawn")->capture_default_str();
  command->add_option("--vcpus", options->vcpus, "Virtual CPUs")->capture_default_str();
  command->add_option("--ram", options->ram, "Memory, MiB")->required();
  command->add_option("--disk", options->disk, "Root disk, GiB")->capture_default_str();
  command->add_option("--ephemeral", options->ephemeral, "Second disk, GiB")->capture_default_str();
  command->add_option("--swap", options->swap, "Swap, MiB")->capture_default_str();
  command->add_flag("--private", options->is_private, "Only for admins to see");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.json); });
}

}  // namespace

void add_flavor(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "flavor", "Sizes of server: list, show, create, delete");
  CLI::App* list_command = noun.add_subcommand("list", "All flavors");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, "", globals.json); });

  auto flavor = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One flavor");
  show_command->add_option("FLAVOR", *flavor, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [flavor, &globals](Session& session) { return show(session, *flavor, globals.json); });
  add_create(noun, globals);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete a flavor; servers keep what they have (admins)");
  delete_command->add_option("FLAVOR", *flavor, "Name or id")->required();
  run_with_session(*delete_command, globals, [flavor](Session& session) { return remove(session, *flavor); });
}

}  // namespace kilonova::cli
