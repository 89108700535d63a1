#include "daemon/run_daemon.h"

#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/check.h"
#include "daemon/incarnation.h"
#include "daemon/loopback.h"
#include "daemon/memory.h"
#include "daemon/metrics_server.h"
#include "daemon/otlp_log.h"
#include "daemon/signals.h"
#include "daemon/spdlog_log.h"
#include "daemon/step_counts.h"
#include "metrics/metric_page.h"
#include "metrics/process.h"
#include "rpc/loop/grpc_queue.h"
#include "runtime/scope.h"

namespace kilonova {
namespace {

// In bytes. Buffers of this size and above are mapped; the heap's free end stays up to the second, and grows by the third.
constexpr int kMappedBuffers = 128 * 1024;
constexpr int kFreeEnd = 16 * 1024 * 1024;
constexpr int kHeapStep = 1024 * 1024;

// The node wants its handler before the daemon can be made, and the daemon wants the node.
class HandlerSlot final : public PeerHandler {
 public:
  explicit HandlerSlot(Role role) : heard_controller_(role == Role::kController) {}

  // `on_change`: told whenever the daemon begins to serve or ceases to.
  void set(Daemon& daemon, std::function<void(bool serves)> on_change) {
    daemon_ = &daemon;
    handler_ = &daemon.handler();
    on_change_ = std::move(on_change);
  }
  void check_ready() {
    if (!on_change_) return;
    bool serves = heard_controller_ && daemon_->ready();
    if (std::exchange(serves_, serves) != serves) on_change_(serves);
  }

  void on_peer_up(const Peer& peer) override {
    handler_->on_peer_up(peer);
    if (peer.id.role == Role::kController) heard_controller_ = true;
    check_ready();
  }
  void on_peer_down(const Peer& peer) override {
    handler_->on_peer_down(peer);
    check_ready();
  }
  void on_message(const Peer& from, Message message) override {
    handler_->on_message(from, std::move(message));
    check_ready();
  }

 private:
  Daemon* daemon_ = nullptr;
  PeerHandler* handler_ = nullptr;
  std::function<void(bool serves)> on_change_;
  bool heard_controller_;
  bool serves_ = false;
};

// Only the owner may look into the state directory: it holds keys and sockets.
Expected<> make_directories(const DaemonOptions& options) {
  return make_state_directories(options.state_dir, {"/run", "/logs"});
}

constexpr size_t kMinSecretBytes = 16;

Expected<std::string> read_secret(const std::string& file) {
  if (file.empty()) return std::string();
  Expected<std::string> secret = read_secret_file("cluster secret", file);
  if (secret && secret->size() < kMinSecretBytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the cluster secret file {} holds {} bytes, but at least {} are needed: "
                            "`openssl rand -hex 32` makes a good one",
                            file, secret->size(), kMinSecretBytes));
  return secret;
}

std::string hostname() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// What has to be right before anything is touched.
Expected<NodeOptions> node_options(const DaemonOptions& options) {
  NodeOptions node;
  Expected<std::string> secret = read_secret(options.secret_file);
  if (!secret) return std::unexpected(std::move(secret.error()));
  Expected<TlsPtr> tls = load_tls(options.cluster_tls, TlsUse::kCluster);
  if (!tls) return std::unexpected(std::move(tls.error()));
  node.self = {options.role, options.index};
  node.incarnation = draw_incarnation();
  node.listen = options.listen;
  node.advertise = options.advertise;
  node.controller = options.controller;
  node.hostname = hostname();
  Expected<ClusterSecret> cluster_secret = ClusterSecret::parse(*secret);
  if (!cluster_secret) return std::unexpected(std::move(cluster_secret.error()));
  node.cluster_secret = *std::move(cluster_secret);
  node.tls = *std::move(tls);
  if (options.role == Role::kApi) node.limits = kClientServer;
  node.partitions_file = options.state_dir + "/run/partitions";
  return node;
}

void tell_ready(int fd) {
  if (fd < 0) return;
  // Whoever waits may be gone; then nobody needs to know.
  [[maybe_unused]] ssize_t written = ::write(fd, "ready\n", 6);
  ::close(fd);
}

// What every daemon shows; then what this one adds.
class Scrapes {
 public:
  // `spans`: null where they are sent nowhere.
  Scrapes(const DaemonOptions& options, RealLoop& loop, GrpcNode& node, const StepCounts& steps, const OtlpLog* spans)
      : options_(options), loop_(loop), node_(node), steps_(steps), spans_(spans) {}

  std::string page(Daemon* daemon) {
    MetricPage page;
    page.add(metric::kDaemonInfo, 1, {options_.name(), config_section(options_.role)});
    add_process_metrics(page);
    const DurationCounts& turns = loop_.turns();
    page.add(metric::kLoopTurns, turns);
    page.add(metric::kSlowTurns, static_cast<double>(turns.count() - turns.up_to(kSlow)));
    for (Role role : {Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute, Role::kApi})
      page.add(metric::kPeers, static_cast<double>(node_.peers(role).size()), {config_section(role)});
    page.add(metric::kQueuedMessages, static_cast<double>(node_.queued_messages()));
    steps_.add_metrics(page);
    page.add(metric::kScrapes, static_cast<double>(++scrapes_));
    if (spans_ != nullptr) spans_->add_metrics(page);
    if (daemon != nullptr) daemon->add_metrics(page);
    return page.text();
  }

 private:
  // The bound of 10 ms, as the metric's words say.
  static constexpr size_t kSlow =
      static_cast<size_t>(std::ranges::find(kDurationBounds, 10'000) - kDurationBounds.begin());
  static_assert(kSlow < kDurationBounds.size());

  const DaemonOptions& options_;
  RealLoop& loop_;
  GrpcNode& node_;
  const StepCounts& steps_;
  const OtlpLog* spans_;
  uint64_t scrapes_ = 0;
};

// The loop's first flow: nobody is listened to before the daemon has started.
Task<> come_up(Daemon* daemon, DaemonContext* context, MetricsServer* metrics, HandlerSlot* slot) {
  Expected<> started = co_await daemon->start();
  if (started) started = context->node.start();
  if (started && metrics != nullptr) started = metrics->listen(context->options.metrics_listen);
  if (!started) {
    context->give_up(std::move(started.error()));
    co_return;
  }
  auto text = [](const std::vector<std::string>& addresses) { return fmt::format("{}", fmt::join(addresses, " ")); };
  context->log.event(LogLevel::kInfo, "started",
                     {{"pid", std::to_string(::getpid())}, {"listen", text(context->node.addresses())}});
  if (metrics != nullptr)
    context->log.event(LogLevel::kInfo, "metrics are served", {{"listen", text(metrics->addresses())}});
  slot->check_ready();
}

Expected<> run(const DaemonOptions& options, const DaemonFactory& factory) {
  BlockedStopSignals blocked;
  rpc::GrpcQueue queue;
  RealLoop loop(queue);
  StopSignals signals(blocked, [&loop] { loop.stop(); });
  Expected<NodeOptions> node_settings = node_options(options);
  if (!node_settings) return std::unexpected(std::move(node_settings.error()));
  if (auto made = make_directories(options); !made) return made;

  LogOptions log_options{.daemon = options.name(),
                         .file = options.log_file == "-" ? "" : options.log_file,
                         .level = options.log_level,
                         .format = options.log_format};
  Expected<std::unique_ptr<SpdlogLog>> log = SpdlogLog::open(loop, std::move(log_options));
  if (!log) return std::unexpected(std::move(log.error()));

  StepCounts steps(**log);
  std::optional<OtlpLog> spans;
  if (!options.otlp_endpoint.empty()) {
    auto endpoint = OtlpEndpoint::parse(options.otlp_endpoint);
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    spans.emplace(loop, steps, *std::move(endpoint));
  }
  HandlerSlot slot(options.role);
  Expected<> outcome;
  auto give_up = [&](Error why) {
    outcome = std::unexpected(std::move(why));
    loop.stop();
  };
  node_settings->on_replaced = give_up;
  GrpcNode node(loop, queue, *std::move(node_settings), slot, **log);
  Scrapes scrapes(options, loop, node, steps, spans ? &*spans : nullptr);
  Daemon* made = nullptr;
  Log& top_log = spans ? static_cast<Log&>(*spans) : steps;
  DaemonContext context{.options = options,
                        .loop = loop,
                        .log = top_log,
                        .node = node,
                        .seed = system_random(),
                        .check_ready = [&] { slot.check_ready(); },
                        .give_up = give_up,
                        .metrics = [&] { return scrapes.page(made); }};
  Expected<std::unique_ptr<Daemon>> daemon = factory(context);
  if (!daemon) return std::unexpected(std::move(daemon.error()));
  made = daemon->get();
  std::optional<MetricsServer> metrics;
  if (!options.metrics_listen.empty()) metrics.emplace(loop, context.metrics);
  bool told_ready = false;
  slot.set(*made, [&](bool serves) {
    node.set_serving(serves);
    (*log)->event(LogLevel::kInfo, serves ? "ready" : "not ready: the controller is away, or does not answer", {});
    if (serves && !std::exchange(told_ready, true)) tell_ready(options.ready_fd);
  });
  {
    Scope beginning(loop);
    beginning.spawn(come_up(made, &context, metrics ? &*metrics : nullptr, &slot));
    beginning.spawn(give_memory_back(&loop));
    loop.run();
  }
  if (outcome) {
    (*log)->event(LogLevel::kInfo, "stopping", {});
  } else {
    (*log)->event(LogLevel::kError, "can't go on", {{"reason", outcome.error().message}});
  }
  if (metrics) metrics->stop();
  made->stop();
  node.stop();
  return outcome;
}

}  // namespace

int run_daemon(const DaemonOptions& options, const DaemonFactory& factory) {
  end_where_memory_is_refused();
  // Debian's abseil keeps a graph of all locks that gRPC takes, to find cycles: a fiftieth of the CPU of a launch.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // A burst's large buffers go back to the system. By default the first of them that is freed raises the bound from
  // which on buffers are mapped, up to 32 MiB, and all later ones stay.
  mallopt(M_MMAP_THRESHOLD, kMappedBuffers);
  // By default every 128 KiB that become free at the heap's end go back at once, and a busy loop has them cleared anew at
  // every turn. give_memory_back() looks once a second.
  mallopt(M_TRIM_THRESHOLD, kFreeEnd);
  mallopt(M_TOP_PAD, kHeapStep);
  Expected<> ended = run(options, factory);
  if (ended) return 0;
  // Unlike fmt::print this never throws: stderr may be a file on a full disk.
  (void)std::fputs(fmt::format("kilonova {}: {}\n", options.name(), ended.error().message).c_str(), stderr);
  return 1;
}

}  // namespace kilonova
