#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
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
  return session.call(&v1::Cloud::Stub::ListKeyPairs, request);
}

Expected<int> list(Session& session, bool json) {
  auto reply = read(session, "");
  if (!reply) return std::unexpected(reply.error());
  if (json) {
    print_json(list_to_json(reply->key_pairs()));
    return 0;
  }
  Table table({{"Name"}, {"Fingerprint"}, {"Type"}, {"Created"}});
  for (const v1::KeyPair& one : reply->key_pairs())
    table.add_row({one.name(), one.fingerprint(), one.type(), time_text(one.created_at_us())});
  print_table(table);
  return 0;
}

void print_one(const v1::KeyPair& key_pair, bool json) {
  if (json) {
    print_json(to_json(key_pair));
    return;
  }
  print_fields({{"name", key_pair.name()},
                {"type", key_pair.type()},
                {"fingerprint", key_pair.fingerprint()},
                {"public_key", key_pair.public_key()},
                {"user_id", key_pair.user_id()},
                {"created_at", time_text(key_pair.created_at_us())}});
}

Expected<int> show(Session& session, const std::string& name, bool json) {
  auto reply = read(session, name);
  if (!reply) return std::unexpected(reply.error());
  if (reply->key_pairs().empty()) return fail(ErrorCode::kNotFound, "key pair '" + name + "' not found");
  print_one(reply->key_pairs(0), json);
  return 0;
}

// The private half of a generated pair is told once: into the file, or on standard output as `openstack` does.
Expected<int> create(Session& session, const Create& options, bool json) {
  v1::CreateKeyPairRequest request;
  request.set_name(options.name);
  request.set_type(options.type);
  if (!options.public_key_file.empty()) {
    Expected<std::string> key = read_file(options.public_key_file);
    if (!key) return std::unexpected(key.error());
    while (key->ends_with('\n') || key->ends_with('\r')) key->pop_back();
    request.set_public_key(std::move(*key));
  }
  auto reply = session.call(&v1::Cloud::Stub::CreateKeyPair, request);
  if (!reply) return std::unexpected(reply.error());
  bool to_file = !reply->private_key().empty() && !options.private_key_file.empty();
  if (to_file) {
    if (auto written = write_private_file(options.private_key_file, reply->private_key()); !written)
      return fail(written.error().code, written.error().message + "; the key pair exists, delete it and try again");
  }
  if (json) {
    Json object = to_json(reply->key_pair());
    object["private_key"] = reply->private_key().empty() || to_file ? Json(nullptr) : Json(reply->private_key());
    print_json(object);
  } else if (!reply->private_key().empty() && !to_file) {
    fmt::print("{}", reply->private_key());
  } else {
    print_one(reply->key_pair(), false);
  }
  return 0;
}

Expected<int> remove(Session& session, const std::string& name) {
  v1::DeleteKeyPairRequest request;
  request.set_name(name);
  auto reply = session.call(&v1::Cloud::Stub::DeleteKeyPair, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

void add_create(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Create>();
  CLI::App* command = noun.add_subcommand("create", "Generate a key pair, or bring a public key");
  command->add_option("NAME", options->name, "Its name")->required();
  CLI::Option* type = command->add_option("--type", options->type, "To generate: rsa (default) or ed25519");
  type->check(CLI::IsMember({"rsa", "ed25519"}));
  CLI::Option* public_key = command->add_option("--public-key", options->public_key_file, "File of a key to bring");
  CLI::Option* private_key =
      command->add_option("--private-key", options->private_key_file, "File for the generated private key; default: printed");
  public_key->excludes(type)->excludes(private_key);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.json); });
}

}  // namespace

void add_keypair(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "keypair", "SSH key pairs of the user: list, show, create, delete");
  CLI::App* list_command = noun.add_subcommand("list", "The user's key pairs");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.json); });

  auto name = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One key pair");
  show_command->add_option("NAME", *name, "Its name")->required();
  run_with_session(*show_command, globals,
                   [name, &globals](Session& session) { return show(session, *name, globals.json); });
  add_create(noun, globals);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete a key pair");
  delete_command->add_option("NAME", *name, "Its name")->required();
  run_with_session(*delete_command, globals, [name](Session& session) { return remove(session, *name); });
}

}  // namespace kilonova::cli
