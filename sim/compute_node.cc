#include "sim/compute_node.h"

#include <utility>

#include "base/check.h"

namespace kilonova::sim {

ComputeNode::ComputeNode(World world, uint32_t index, compute::ComputeOptions options, compute::TimingModel timing,
                         std::vector<HostInfo> hosts, Ledger* ledger)
    : Node(world, PeerId{Role::kCompute, index}),
      options_(options),
      timing_(timing),
      hosts_(std::move(hosts)),
      files_(std::make_unique<Files>()) {
  files_->ledger = ledger;
}

const compute::ComputeCore* ComputeNode::core() const { return alive() ? &life_as<ComputeLife>().core : nullptr; }

ComputeNode::ComputeLife::ComputeLife(World& world, PeerId id, Incarnation incarnation, ComputeNode& node)
    : Life(world, id, incarnation),
      journal(node.files_->image, node.disk_, node.files_->past, node.files_->ledger, node.refused_),
      hypervisor(loop, node.timing_, random("hypervisor")),
      core(compute::ComputePorts{loop, transport, log, journal, hypervisor, random("core")}, node.options_,
           node.hosts_) {
  auto started = core.start();
  KN_CHECK(started.has_value(), "a journal in memory cannot be loaded");
  for (const std::string& host : node.hosts_down_) core.crash_host(host);
  transport.open(core);
}

void ComputeNode::switch_guests_off(const std::string& host) {
  for (auto& [key, guest] : files_->image) {
    if (!host.empty() && key.first != host) continue;
    const PowerState before = std::exchange(guest.power_state, after_power_loss(guest.power_state));
    if (files_->ledger != nullptr && guest.power_state != before) files_->ledger->put_guest(guest);
  }
}

void ComputeNode::crash_host(const std::string& host) {
  if (!hosts_down_.insert(host).second) return;
  if (alive()) life_as<ComputeLife>().core.crash_host(host);
  if (frozen()) missed_.emplace_back(host, false);
  switch_guests_off(host);
}

void ComputeNode::start_host(const std::string& host) {
  if (hosts_down_.erase(host) == 0) return;
  if (alive()) life_as<ComputeLife>().core.start_host(host);
  if (frozen()) missed_.emplace_back(host, true);
}

void ComputeNode::wake_up(Life& life) {
  compute::ComputeCore& core = static_cast<ComputeLife&>(life).core;
  for (const auto& [host, on] : std::exchange(missed_, {})) {
    if (on) {
      core.start_host(host);
    } else {
      core.crash_host(host);
    }
  }
}

void ComputeNode::cut_power() {
  kill();
  switch_guests_off("");
}

size_t ComputeNode::take_back(size_t changes) {
  end();  // a frozen one too: nobody's files change under a process
  switch_guests_off("");
  if (files_->ledger != nullptr) files_->ledger->journal_went_back();
  return files_->past.take_back(files_->image, changes, files_->ledger);
}

void ComputeNode::part_files() {
  missed_.clear();
  auto copy = std::make_unique<Files>();
  for (const auto& [key, guest] : files_->image) copy->image.insert_or_assign(key, guest);
  copy->ledger = std::exchange(files_->ledger, nullptr);
  files_left_ = std::exchange(files_, std::move(copy));
}

std::unique_ptr<Node::Life> ComputeNode::be_born(Incarnation incarnation) {
  return std::make_unique<ComputeLife>(world_, id_, incarnation, *this);
}

}  // namespace kilonova::sim
