#include "daemon/store_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <utility>

#include "daemon/loopback.h"
#include "daemon/options.h"
#include "daemon/run_daemon.h"
#include "store/postgres_address.h"

namespace kilonova {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "?";
  return name.data();
}

Expected<PostgresOptions> postgres_options(const DaemonContext& context, const StoreOptions& options) {
  if (auto address = postgres_address(options.url); !address) return std::unexpected(std::move(address.error()));
  PostgresOptions postgres{
      .url = options.url,
      .cell = options.cell,
      .holder = fmt::format("{}, process {} on {}", context.options.name(), ::getpid(), host_name()),
      .address = context.options.listen,
      .reconnect_for = options.reconnect_for,
      .on_lost = context.give_up};
  if (options.password_file.empty()) return postgres;
  auto password = read_secret_file("store password", options.password_file);
  if (!password) return std::unexpected(std::move(password.error()));
  postgres.password = *std::move(password);
  return postgres;
}

}  // namespace

void add_store_options(CLI::App& app, StoreOptions& options) {
  app.add_option("--store", options.url,
                 "PostgreSQL instead of a file: postgresql://USER@HOST:PORT/DATABASE (docs/postgresql.md)")
      ->envname("KILONOVA_STORE");
  app.add_option("--store-password-file", options.password_file, "File with the password of --store's user")
      ->envname("KILONOVA_STORE_PASSWORD_FILE");
  app.add_option("--cell", options.cell, "Name of the cell whose rows the database of --store has")
      ->default_str(options.cell);
  add_seconds_option(app, "--store-reconnect-time", options.reconnect_for,
                     "for which the connection to --store may be away before the daemon gives up");
}

Expected<StorePlace> store_place(const DaemonContext& context, const StoreOptions& options, std::string_view name) {
  const std::string directory = context.options.state_dir + "/db";
  StorePlace place{.file = fmt::format("{}/{}.sqlite", directory, name),
                   .sync = context.options.sync_full ? SyncMode::kFull : SyncMode::kNormal};
  if (options.url.empty()) {
    if (auto made = make_private_directory(directory); !made) return std::unexpected(std::move(made.error()));
    return place;
  }
  if (std::filesystem::exists(place.file))
    return fail(
        ErrorCode::kConflict,
        fmt::format("{} has this cloud's rows, and --store would begin without them: use a state directory of its "
                    "own, or leave --store out",
                    place.file));
  auto postgres = postgres_options(context, options);
  if (!postgres) return std::unexpected(std::move(postgres.error()));
  place.postgres = *std::move(postgres);
  return place;
}

}  // namespace kilonova
