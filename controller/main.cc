// kilonova-controller: owns the rows of the cloud and drives every server to where it should be.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "controller/core/controller_core.h"
#include "controller/core/first_rows.h"
#include "controller/metrics.h"
#include "daemon/incarnation.h"
#include "daemon/loopback.h"
#include "daemon/openssl_crypto.h"
#include "daemon/run_daemon.h"
#include "daemon/secret_variable.h"
#include "daemon/store_metrics.h"
#include "daemon/store_options.h"
#include "runtime/life_loop.h"
#include "runtime/scope.h"

namespace kilonova::controller {
namespace {

struct Options {
  DaemonOptions daemon{Role::kController};
  StoreOptions store;
  ControllerOptions controller;
  std::string admin_password_file;
  std::string demo_password_file;
  FirstPasswords passwords;
};

class ControllerDaemon final : public Daemon {
 public:
  ControllerDaemon(DaemonContext& context, const Options& options)
      : context_(context), options_(options), random_(context.random("controller")), again_(context.loop) {}

  Task<Expected<>> start() override { return begin(std::nullopt); }
  PeerHandler& handler() override { return forward_; }
  // A reset begins another life of the core and the store, which count from 0.
  void add_metrics(MetricPage& page) override {
    if (core_) controller::add_metrics(page, core_->counts());
    if (store_) add_store_metrics(page, store_->counts());
  }

 private:
  // What every life of the controller begins with: that of the process, and those that resets begin.
  Task<Expected<>> begin(std::optional<CloudReset> reset) {
    auto place = store_place(context_, options_.store, "controller");
    if (!place) co_return std::unexpected(place.error());
    store_ = make_controller_store(context_.loop, *place);
    auto state = store_->load();
    if (!state) co_return std::unexpected(state.error());
    Random random = context_.random("first rows");
    OpensslCrypto crypto(context_.loop);
    FirstRowsPorts ports{context_.loop, *store_, crypto, random};
    const bool is_public = !is_loopback(options_.daemon.listen);
    std::optional<FailedReset> failed;
    if (reset) {
      auto outcome = co_await commit_reset(ports, *state, *reset, is_public);
      if (outcome) state = *std::move(outcome);
      if (!outcome) failed = FailedReset{reset->client_token, std::move(outcome.error())};
    } else {
      state = co_await commit_first_rows(ports, *std::move(state), options_.passwords);
      if (!state) co_return std::unexpected(state.error());
      Expected<> checked;
      if (is_public) checked = co_await refuse_default_passwords(state->of<User>(), &crypto);
      if (!checked) co_return checked;
    }
    if (auto key = token_signing_key(*state); !key) co_return std::unexpected(key.error());
    if (reset) context_.node.begin_incarnation(draw_incarnation());
    life_.emplace(context_.loop);
    core_.emplace(ControllerPorts{*life_, context_.node, context_.log, random_, *store_,
                                  [this](CloudReset wanted) { begin_again(std::move(wanted)); }, std::move(failed)},
                  options_.controller, *std::move(state));
    core_->start();
    co_return Expected<>();
  }

  // Not at once: a flow of the core asks for it.
  void begin_again(CloudReset reset) {
    context_.loop.post([this, reset = std::move(reset)]() mutable {
      core_.reset();
      again_.spawn(end_and_begin(std::move(reset)));
    });
  }
  Task<> end_and_begin(CloudReset reset) {
    store_.reset();  // writes what waits
    auto begun = co_await begin(std::move(reset));
    if (!begun) context_.give_up(std::move(begun.error()));
  }

  // The core is made once the rows are loaded. Nobody connects before that first time; between a core and the next,
  // whoever is connected loses its connection when that one begins.
  struct Forward final : PeerHandler {
    explicit Forward(std::optional<ControllerCore>& core) : core(core) {}
    void on_peer_up(const Peer& peer) override {
      if (core) core->on_peer_up(peer);
    }
    void on_peer_down(const Peer& peer) override {
      if (core) core->on_peer_down(peer);
    }
    void on_message(const Peer& from, Message message) override {
      if (core) core->on_message(from, std::move(message));
    }
    std::optional<ControllerCore>& core;
  };

  DaemonContext& context_;
  const Options& options_;
  Random random_;
  std::unique_ptr<CountedStore<ControllerStore>> store_;
  std::optional<LifeLoop> life_;  // of the core
  std::optional<ControllerCore> core_;
  Forward forward_{core_};
  Scope again_;
};

// As add_seconds_option; 0 and -1 mean what the description says.
void add_interval_option(CLI::App& app, const std::string& name, Duration& value, const std::string& description) {
  auto set = [&value](double given) { value = microseconds(std::llround(given * 1e6)); };
  app.add_option_function<double>(name, set, description)
      ->check(CLI::Range(-1.0, 1e9).description("SECONDS"))
      ->default_str(fmt::format("{}", static_cast<double>(value.us) / 1e6));
}

void add_options(CLI::App& app, Options& options) {
  add_daemon_options(app, options.daemon);
  add_store_options(app, options.store);
  // No option takes a password itself: every user of the machine can read command lines.
  app.add_option(
         "--admin-password-file", options.admin_password_file,
         "file with the password of user admin (or the variable KILONOVA_ADMIN_PASSWORD); taken on the first start, "
         "and in place of the default one later")
      ->envname("KILONOVA_ADMIN_PASSWORD_FILE");
  app.add_option("--demo-password-file", options.demo_password_file, "the same for user demo")
      ->envname("KILONOVA_DEMO_PASSWORD_FILE");
  auto of_bexar = [&options] {
    options.controller.leaves_unplaced = true;
    options.controller.max_attempts = 1;
  };
  add_era_option(
      app, of_bexar,
      "bexar: nobody tries again, and a server that no host takes stays in scheduling; the same in schedulers");
  app.add_option("--max-attempts", options.controller.max_attempts, "hosts that a launch may try")
      ->check(CLI::Range(1, 100));
  app.add_option(
         "--max-lost-casts", options.controller.max_lost_casts,
         "times in a row that a launch may vanish before any host has heard of it, without a restart that explains it")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--max-unstable", options.controller.max_unstable_instances,
                 "maximum servers in transition; further creates are refused");
  ControllerOptions& c = options.controller;
  add_seconds_option(app, "--report-interval", c.report_interval,
                     "between two reports of a daemon; the same in all daemons");
  add_seconds_option(app, "--service-down-time", c.service_down_time, "a host that was not heard for so long is down");
  add_seconds_option(app, "--rpc-response-timeout", c.rpc_response_timeout,
                     "how long a call of another daemon may take");
  add_seconds_option(app, "--client-token-lifetime", c.client_token_lifetime,
                     "for which the token of a create keeps a retry from creating again");
  add_interval_option(app, "--resize-confirm-window", c.resize_confirm_window,
                      "after which a resize is confirmed by itself, 0 = never");
  add_interval_option(app, "--shelved-offload-time", c.shelved_offload_time,
                      "after which a shelved server leaves its host, 0 = at once, -1 = never");
  add_interval_option(app, "--reclaim-instance-interval", c.reclaim_instance_interval,
                      "for which a deleted server can be restored, 0 = not at all");
  add_interval_option(app, "--instance-build-timeout", c.instance_build_timeout,
                      "after which a server that is still being built goes to ERROR, 0 = never");
  static const std::map<std::string, RunningDeletedAction> kRunningDeleted{
      {"noop", RunningDeletedAction::kNoop},
      {"log", RunningDeletedAction::kLog},
      {"shutdown", RunningDeletedAction::kShutdown},
      {"reap", RunningDeletedAction::kReap}};
  app.add_option("--running-deleted-instance-action", c.running_deleted_instance_action,
                 "what becomes of a guest whose server is deleted: noop, log, shutdown or reap")
      ->transform(CLI::CheckedTransformer(kRunningDeleted).description(""));
  add_interval_option(app, "--running-deleted-instance-poll-interval", c.running_deleted_instance_poll_interval,
                      "between two looks for such guests, 0 = whenever a host names one");
  add_interval_option(app, "--running-deleted-instance-timeout", c.running_deleted_instance_timeout,
                      "for which such a guest is left alone");
  app.add_option("--deleted-servers-kept", c.deleted_servers_kept,
                 "how many servers that are gone are remembered, the newest of all projects; 0 = none")
      ->check(CLI::Range(0, 1'000'000));
}

// A file, else the variable, else the default. The variable is read once: nobody who looks at this process later sees
// it.
Expected<> read_password(const std::string& user, const std::string& file, const char* variable,
                         std::string* password) {
  if (auto given = take_secret_variable(variable); given && !given->empty()) *password = *std::move(given);
  if (file.empty()) return {};
  Expected<std::string> read = read_secret_file(user + " password", file);
  if (!read) return std::unexpected(std::move(read.error()));
  *password = *std::move(read);
  return {};
}

Expected<> read_passwords(Options& options) {
  auto admin = read_password("admin", options.admin_password_file, "KILONOVA_ADMIN_PASSWORD", &options.passwords.admin);
  if (!admin) return admin;
  return read_password("demo", options.demo_password_file, "KILONOVA_DEMO_PASSWORD", &options.passwords.demo);
}

}  // namespace
}  // namespace kilonova::controller

int main(int argc, char** argv) {
  using namespace kilonova;
  using namespace kilonova::controller;
  Options options;
  CLI::App app("The controller of a kilonova cloud: its rows, and what is to be done about them",
               "kilonova-controller");
  add_options(app, options);
  if (auto exit_code = parse_command_line(app, argc, argv, options.daemon)) return *exit_code;
  if (options.controller.service_down_time <= options.controller.report_interval) {
    std::fprintf(stderr, "kilonova-controller: --service-down-time must be longer than --report-interval\n");
    return 2;
  }
  return run_daemon(options.daemon, [&](DaemonContext& context) -> Expected<std::unique_ptr<Daemon>> {
    if (auto read = read_passwords(options); !read) return std::unexpected(std::move(read.error()));
    return std::make_unique<ControllerDaemon>(context, options);
  });
}
