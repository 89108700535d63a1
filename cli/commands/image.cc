#include <memory>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

Expected<v1::ListImagesReply> read(Session& session, const std::string& image) {
  v1::ListImagesRequest request;
  request.set_image(image);
  return session.call(&v1::Cloud::Stub::ListImages, request);
}

Expected<int> list(Session& session, bool json) {
  auto reply = read(session, "");
  if (!reply) return std::unexpected(reply.error());
  if (json) {
    print_json(list_to_json(reply->images()));
    return 0;
  }
  Table table({{"ID"}, {"Name"}, {"Status"}, {"Size", Align::kRight}, {"Format"}, {"Public"}});
  for (const v1::Image& image : reply->images())
    table.add_row({image.id(), image.name(), image.status(), format_bytes(image.size_bytes()), image.disk_format(),
                   yes_no(image.is_public())});
  print_table(table);
  return 0;
}

void print_one(const v1::Image& image, bool json) {
  if (json) {
    print_json(to_json(image));
    return;
  }
  print_fields({{"id", image.id()},
                {"name", image.name()},
                {"status", image.status()},
                {"size", format_bytes(image.size_bytes())},
                {"format", image.disk_format()},
                {"min_disk_gib", std::to_string(image.min_disk_gb())},
                {"min_ram_mib", std::to_string(image.min_ram_mb())},
                {"public", yes_no(image.is_public())},
                {"owner", image.owner()},
                {"created_at", time_text(image.created_at_us())}});
}

Expected<int> show(Session& session, const std::string& image, bool json) {
  auto reply = read(session, image);
  if (!reply) return std::unexpected(reply.error());
  if (reply->images().empty()) return fail(ErrorCode::kNotFound, "image '" + image + "' not found");
  print_one(reply->images(0), json);
  return 0;
}

Expected<int> remove(Session& session, const std::string& image) {
  v1::DeleteImageRequest request;
  request.set_image(image);
  auto reply = session.call(&v1::Cloud::Stub::DeleteImage, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

void add_create(CLI::App& noun, Globals& globals) {
  struct Options {
    std::string name;
    std::string format = "qcow2";
    uint64_t size_bytes = 0;
    int64_t min_disk = 0;
    int64_t min_ram = 0;
    bool is_public = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = noun.add_subcommand("create", "The record of an image");
  command->add_option("NAME", options->name, "Its name")->required();
  command->add_option("--size", options->size_bytes, "Bytes: how long a host downloads it")->required();
  command->add_option("--disk-format", options->format, "As qcow2, raw")->capture_default_str();
  command->add_option("--min-disk", options->min_disk, "Smallest root disk, GiB");
  command->add_option("--min-ram", options->min_ram, "Smallest memory, MiB");
  command->add_flag("--public", options->is_public, "For every project (admins)");
  run_with_session(*command, globals, [options, &globals](Session& session) -> Expected<int> {
    v1::CreateImageRequest request;
    request.set_name(options->name);
    request.set_size_bytes(options->size_bytes);
    request.set_disk_format(options->format);
    request.set_min_disk_gb(options->min_disk);
    request.set_min_ram_mb(options->min_ram);
    request.set_is_public(options->is_public);
    auto reply = session.call(&v1::Cloud::Stub::CreateImage, request);
    if (!reply) return std::unexpected(reply.error());
    print_one(reply->image(), globals.json);
    return 0;
  });
}

}  // namespace

void add_image(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "image", "Images: list, show, create, delete");
  CLI::App* list_command = noun.add_subcommand("list", "The project's images and public ones");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.json); });

  auto image = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One image");
  show_command->add_option("IMAGE", *image, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [image, &globals](Session& session) { return show(session, *image, globals.json); });
  add_create(noun, globals);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete an image");
  delete_command->add_option("IMAGE", *image, "Name or id")->required();
  run_with_session(*delete_command, globals, [image](Session& session) { return remove(session, *image); });
}

}  // namespace kilonova::cli
