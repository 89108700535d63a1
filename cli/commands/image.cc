#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/properties.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

Expected<v1::ListImagesReply> read(Session& session, const std::string& image) {
  v1::ListImagesRequest request;
  request.set_image(image);
  return list_whole(session, &v1::Cloud::Stub::ListImages, request);
}

Expected<int> list(Session& session, const OutputStyle& style) {
  auto reply = read(session, "");
  if (!reply) return std::unexpected(reply.error());
  Records records({{"ID", "id", Align::kLeft, 0, CellKind::kId},
                   {"Name", "name"},
                   {"Status", "status"},
                   {"Size", "", Align::kRight},
                   {"Format", "disk_format", Align::kLeft, 2},
                   {"Public", "is_public", Align::kLeft, 1}});
  for (const v1::Image& image : reply->images())
    records.add({image.id(), image.name(), image.status(), format_bytes(image.size_bytes()), image.disk_format(),
                 yes_no(image.is_public())},
                to_json(image));
  return print_records(style, records);
}

Expected<int> show(Session& session, const std::string& image, const OutputStyle& style) {
  auto reply = read(session, image);
  if (!reply) return std::unexpected(reply.error());
  if (reply->images().empty()) return fail(ErrorCode::kNotFound, "image '" + image + "' not found");
  return print_image(style, reply->images(0));
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
    std::optional<int64_t> size_bytes;
    std::optional<int64_t> min_disk;
    std::optional<int64_t> min_ram;
    bool is_public = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = noun.add_subcommand("create", "Create the record of an image");
  command->add_option("NAME", options->name, "Name")->required();
  add_amount(*command, "--size", options->size_bytes, 1, "Size in bytes, or as 300M: a host downloads so much")
      ->required();
  command->add_option("--disk-format", options->format, "Format, as qcow2 or raw");
  add_amount(*command, "--min-disk", options->min_disk, kGiB, "Smallest root disk in GiB, or as 10G");
  add_amount(*command, "--min-ram", options->min_ram, kMiB, "Smallest memory in MiB, or as 1G");
  command->add_flag("--public", options->is_public, "For every project (admins)");
  run_with_session(*command, globals, [options, &globals](Session& session) -> Expected<int> {
    v1::CreateImageRequest request;
    request.set_name(options->name);
    request.set_size_bytes(static_cast<uint64_t>(options->size_bytes.value_or(0)));
    request.set_disk_format(options->format);
    request.set_min_disk_gb(options->min_disk.value_or(0));
    request.set_min_ram_mb(options->min_ram.value_or(0));
    request.set_is_public(options->is_public);
    auto reply = session.call(&v1::Cloud::Stub::CreateImage, request);
    if (!reply) return std::unexpected(reply.error());
    print_image(globals.style, reply->image());
    return 0;
  });
}

}  // namespace

Expected<int> print_image(const OutputStyle& style, const v1::Image& image) {
  return print_record(style,
                      {{"id", image.id()},
                       {"name", image.name()},
                       {"status", image.status()},
                       {"size_bytes", format_bytes(image.size_bytes())},
                       {"disk_format", image.disk_format()},
                       {"min_disk_gb", std::to_string(image.min_disk_gb())},
                       {"min_memory_mb", std::to_string(image.min_ram_mb())},
                       {"is_public", yes_no(image.is_public())},
                       {"owner", image.owner()},
                       {"properties", properties_text(image.properties())},
                       {"created_at", time_text(image.created_at_us())}},
                      to_json(image));
}

void add_image(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "image", "Images: list, show, create, delete");
  CLI::App* list_command = noun.add_subcommand("list", "The project's images and public ones");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.style); });

  auto image = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One image");
  show_command->add_option("IMAGE", *image, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [image, &globals](Session& session) { return show(session, *image, globals.style); });
  add_create(noun, globals);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete an image");
  delete_command->add_option("IMAGE", *image, "Name or id")->required();
  run_with_session(*delete_command, globals, [image](Session& session) { return remove(session, *image); });
}

}  // namespace kilonova::cli
