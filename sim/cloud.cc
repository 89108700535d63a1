#include "sim/cloud.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "compute-node/hosts_file.h"

namespace kilonova::sim {
namespace {

// Callbacks at one instant: more than any cloud has use for, and over in less than a minute.
constexpr uint64_t kMostAtOnce = 20'000'000;
constexpr Duration kCrashLasts = seconds(1);

// Up to the first transaction with such a change.
template <class Transaction, class IsFirst>
size_t forget_newest(std::vector<Transaction>& past, size_t count, IsFirst is_first) {
  auto first = std::ranges::find_if(past, [&](const Transaction& t) { return std::ranges::any_of(t, is_first); });
  const auto most = first == past.end() ? 0 : static_cast<size_t>(past.end() - first) - 1;
  count = std::min(count, most);
  past.erase(past.end() - static_cast<std::ptrdiff_t>(count), past.end());
  return count;
}

}  // namespace

SimCloud::SimCloud(const CloudOptions& options)
    : options_(options), ledger_(history_), network_(loop_, options.seed), network_watch_(history_, loop_) {
  history_.clock = &loop_;
  network_.set_observer(&network_watch_);
  controller_ = std::make_unique<ControllerNode>(world(), options_.controller);
  controller_->disk().commit_latency = options_.commit_latency;
  controller_->image().keep_launch_records(options_.launch_records);
  controller_->image().observe([this](const Transaction& t) {
    if (keeps_past_) controller_past_.push_back(t);
    ledger_.on_controller(t);
  });
  nodes_.push_back(controller_.get());
  for (size_t i = 0; i < options_.schedulers; ++i) {
    schedulers_.push_back(std::make_unique<SchedulerNode>(world(), static_cast<uint32_t>(i), options_.scheduler));
    nodes_.push_back(schedulers_.back().get());
  }
  network_controller_ = std::make_unique<NetworkNode>(world(), options_.network);
  network_controller_->disk().commit_latency = options_.commit_latency;
  network_controller_->observe([this](const NetworkTransaction& t) {
    if (keeps_past_) network_past_.push_back(t);
    ledger_.on_network(t);
  });
  nodes_.push_back(network_controller_.get());
  std::vector<HostInfo> hosts = compute::make_hosts(options_.hosts, 0);
  for (HostInfo& host : hosts) host.total = options_.host_size;
  for (size_t i = 0; i < options_.compute_processes; ++i) {
    computes_.push_back(
        std::make_unique<ComputeNode>(world(), static_cast<uint32_t>(i), options_.compute, options_.timing,
                                      compute::select_part(hosts, i, options_.compute_processes), &ledger_));
    nodes_.push_back(computes_.back().get());
  }
  api_ = std::make_unique<ApiNode>(world(), 0, options_.api);
  nodes_.push_back(api_.get());
  network_.set_ended([this](PeerId id) {
    // A liar asks for faults too, and is none of the cloud's.
    if (std::ranges::find(nodes_, id, &Node::id) != nodes_.end()) loop_.post([this, id] { crash(id); });
  });
}

// A fault rule crashes it; whoever watches over it starts it again.
void SimCloud::crash(PeerId id) {
  Node& victim = node(id);
  if (!victim.alive()) return;
  victim.kill();
  if (crashed_) crashed_(id);
  loop_.call_after(kCrashLasts, [this, id] {
    if (!node(id).alive()) node(id).start();
  });
}

SimCloud::~SimCloud() { kill_all(); }

void SimCloud::start() {
  for (Node* node : nodes_) node->start();
}

bool SimCloud::run_for(Duration duration) {
  bool over = false;
  TimerId end = loop_.call_after(duration, [&over] { over = true; });
  Instant at = loop_.now();
  for (uint64_t count = 0; !over; ++count) {
    loop_.step();
    if (loop_.now() != at) count = 0;
    at = loop_.now();
    if (count <= kMostAtOnce) continue;
    loop_.cancel(end);
    return false;
  }
  return true;
}

void SimCloud::kill_all() {
  for (Node* node : nodes_) node->end();
}

size_t SimCloud::take_back(Role role, size_t commits) {
  Node& node = this->node({role, 0});
  node.end();  // a frozen one too: nobody's files change under a process
  if (role == Role::kController) {
    size_t taken = forget_newest(controller_past_, commits,
                                 [](const Mutation& m) { return holds_alternative<mutation::InsertInstance>(m); });
    controller_->image().go_back_to(controller_past_);
    ledger_.controller_went_back(controller_past_);
    return taken;
  }
  size_t taken = forget_newest(network_past_, commits, [](const NetworkMutation& m) {
    return std::holds_alternative<network_mutation::PutLease>(m);
  });
  network_controller_->image().go_back_to(network_past_);
  ledger_.network_went_back(network_past_);
  return taken;
}

Node& SimCloud::node(PeerId id) const {
  auto found = std::ranges::find(nodes_, id, &Node::id);
  KN_CHECK(found != nodes_.end(), "the cloud has no such node");
  return **found;
}

}  // namespace kilonova::sim
