#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "cli/cli.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/output/read_file.h"

namespace kilonova::cli {
namespace {

struct Create {
  std::string name;
  std::string type;
  std::string public_key_file;
  std::string private_key_file;
};

Expected<v1::ListKeyPairsReply> read(Session& session, const std::string& name) {
  v1::ListKeyPairsRequest request;
  request.set_name(name);
  return list_whole(session, &v1::Cloud::Stub::ListKeyPairs, request);
}

Expected<int> list(Session& session, const OutputStyle& style) {
  auto reply = read(session, "");
  if (!reply) return std::unexpected(reply.error());
  Records records(
      {{"Name", "name"}, {"Fingerprint", "fingerprint"}, {"Type", "type"}, {"Created", "created_at", Align::kLeft, 1}});
  for (const v1::KeyPair& one : reply->key_pairs())
    records.add({one.name(), one.fingerprint(), one.type(), time_text(one.created_at_us())}, to_json(one));
  return print_records(style, records);
}

Expected<int> print_one(const v1::KeyPair& key_pair, const OutputStyle& style) {
  return print_record(style,
                      {{"name", key_pair.name()},
                       {"type", key_pair.type()},
                       {"fingerprint", key_pair.fingerprint()},
                       {"public_key", key_pair.public_key()},
                       {"user_id", key_pair.user_id()},
                       {"created_at", time_text(key_pair.created_at_us())}},
                      to_json(key_pair));
}

Expected<int> show(Session& session, const std::string& name, const OutputStyle& style) {
  auto reply = read(session, name);
  if (!reply) return std::unexpected(reply.error());
  if (reply->key_pairs().empty()) return fail(ErrorCode::kNotFound, "key pair '" + name + "' not found");
  return print_one(reply->key_pairs(0), style);
}

Expected<int> remove(Session& session, const std::string& name) {
  v1::DeleteKeyPairRequest request;
  request.set_name(name);
  auto reply = session.call(&v1::Cloud::Stub::DeleteKeyPair, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

// A key of which nobody has the private half is of no use to anybody.
std::unexpected<Error> take_back(Session& session, const std::string& name, const Error& why) {
  auto gone = remove(session, name);
  std::string what = gone ? "the key pair was deleted again" : "delete the key pair: nobody has its private key";
  return fail(why.code, fmt::format("the private key of '{}' could not be written: {}; {}", name, why.message, what));
}

// The private half of a generated pair is told once: into the file, or on standard output as `openstack` does.
Expected<int> create(Session& session, const Create& options, const OutputStyle& style) {
  v1::CreateKeyPairRequest request;
  request.set_name(options.name);
  request.set_type(options.type);
  if (!options.public_key_file.empty()) {
    Expected<std::string> key = read_file(options.public_key_file);
    if (!key) return std::unexpected(key.error());
    while (key->ends_with('\n') || key->ends_with('\r')) key->pop_back();
    if (!options.type.empty() && options.type != "x509")
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("--type {} is of what is generated; the key in {} says its own", options.type,
                              options.public_key_file));
    request.set_public_key(std::move(*key));
  }
  bool shown =
      !style.quiet && (style.columns.empty() || std::ranges::find(style.columns, "private_key") != style.columns.end());
  if (options.public_key_file.empty() && options.private_key_file.empty() && !shown)
    return fail(ErrorCode::kInvalidArgument,
                "the private key would be lost: give --private-key FILE, or neither -q nor -c");
  if (!options.private_key_file.empty() && ::access(options.private_key_file.c_str(), F_OK) == 0)
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("{} is there already: a private key overwrites nothing", options.private_key_file));
  auto reply = session.call(&v1::Cloud::Stub::CreateKeyPair, request);
  if (!reply) return std::unexpected(reply.error());
  const std::string& private_key = reply->private_key();
  bool to_file = !private_key.empty() && !options.private_key_file.empty();
  if (to_file) {
    if (auto written = write_private_file(options.private_key_file, private_key); !written)
      return take_back(session, options.name, written.error());
  }
  Expected<int> printed = 0;
  if (style.format != Format::kTable) {
    Json object = to_json(reply->key_pair());
    object["private_key"] = private_key.empty() || to_file ? Json(nullptr) : Json(private_key);
    printed = print_object(style, object);
  } else if (!private_key.empty() && !to_file) {
    print_text(private_key);
  } else {
    printed = print_one(reply->key_pair(), style);
  }
  if (private_key.empty() || to_file) return printed;
  if (!printed) return take_back(session, options.name, printed.error());
  if (auto written = flush_output(); !written) return take_back(session, options.name, written.error());
  return printed;
}

void add_create(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Create>();
  CLI::App* command = noun.add_subcommand("create", "Generate a key pair, or bring a public key");
  command->add_option("NAME", options->name, "Name")->required();
  CLI::Option* type = command->add_option(
      "--type", options->type, "rsa (default) or ed25519: generate one; x509: generate, or bring, a certificate");
  type->check(CLI::IsMember({"rsa", "ed25519", "x509"}));
  CLI::Option* public_key = command->add_option("--public-key", options->public_key_file, "File of a key to bring");
  CLI::Option* private_key = command->add_option("--private-key", options->private_key_file,
                                                 "File for the generated private key; default: printed");
  public_key->excludes(private_key);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.style); });
}

}  // namespace

void add_keypair(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "keypair", "Key pairs of the user: list, show, create, delete");
  CLI::App* list_command = noun.add_subcommand("list", "The user's key pairs");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.style); });

  auto name = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One key pair");
  show_command->add_option("NAME", *name, "Name")->required();
  run_with_session(*show_command, globals,
                   [name, &globals](Session& session) { return show(session, *name, globals.style); });
  add_create(noun, globals);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete a key pair");
  delete_command->add_option("NAME", *name, "Name")->required();
  run_with_session(*delete_command, globals, [name](Session& session) { return remove(session, *name); });
}

}  // namespace kilonova::cli
