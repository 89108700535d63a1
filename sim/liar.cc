#include "sim/liar.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/strikes.h"

namespace kilonova::sim {
namespace {

constexpr size_t kRemembered = 64;
constexpr double kListened = 0.2;  // to so much of what is said

// Changes a message where there is something to change.
class Twist {
 public:
  explicit Twist(Random& random) : random_(random) {}

  template <class Body>
  void operator()(Body& body) {
    if constexpr (requires { body.placement.epoch; }) twist(body.placement);
    if constexpr (requires { body.placements; }) twist_all(body.placements);
    if constexpr (requires { body.held; }) twist_all(body.held);
    if constexpr (requires { body.orphans; }) twist_all(body.orphans);
    if constexpr (requires { body.guests; }) twist_all(body.guests);
    if constexpr (requires { body.unfinished; }) twist_all(body.unfinished);
    if constexpr (requires { body.operation; }) body.operation = number(body.operation);
    if constexpr (requires { body.attempt; }) body.attempt = static_cast<uint32_t>(number(body.attempt));
    // Who has a placement's ticket may give its addresses back: this one has none.
    if constexpr (requires { body.ticket; }) body.ticket = random_.chance(0.5) ? 0 : random_.next();
    if constexpr (requires { body.kept_by; }) body.kept_by = number(body.kept_by);
    if constexpr (requires { body.server_is_gone; }) body.server_is_gone = random_.chance(0.5);
    if constexpr (requires { body.power_state; }) body.power_state = power_state();
    if constexpr (requires { body.fault.message; }) body.fault.message = random_.chance(0.5) ? "a lie" : "";
    twist_more(body);
  }

 private:
  uint64_t number(uint64_t right) {
    const std::array<uint64_t, 8> wrong{right,      right, right + 1, right - 1, right + 1'000, right + (1 << 20),
                                        UINT64_MAX, 0};
    return wrong[random_.below(wrong.size())];
  }
  PowerState power_state() { return random_.chance(0.5) ? PowerState::kRunning : PowerState::kShutdown; }

  void twist(PlacementId& placement) { placement.epoch = number(placement.epoch); }
  void twist(ComputeHeartbeat::Unfinished& unfinished) { twist(unfinished.placement); }
  void twist(GuestInfo& guest) {
    twist(guest.placement);
    guest.built = random_.chance(0.5);
    guest.power_state = power_state();
  }
  template <class Item>
  void twist_all(std::vector<Item>& items) {
    if (!items.empty() && random_.chance(0.3)) items.resize(random_.below(items.size() + 1));
    for (Item& item : items) twist(item);
  }

  template <class Body>
  void twist_more(Body&) {}
  void twist_more(InstanceReport& report) {
    report.result = static_cast<BuildResult>(1 + random_.below(5));
    if (random_.chance(0.5)) report.addresses.clear();
  }
  void twist_more(UsageUpdate& update) {
    update.full = random_.chance(0.5);
    for (HostUsage& usage : update.hosts) {
      usage.version = number(usage.version);
      if (random_.chance(0.5)) usage.used = usage.total;
      twist_all(usage.settled);
    }
  }
  void twist_more(OwnershipQuery& query) {
    query.is_range = random_.chance(0.5);
    for (uint64_t& digest : query.digests) digest = random_.below(4);
    query.digests.resize(query.held.size());
  }
  void twist_more(RegisterHosts& part) {
    part.last = random_.chance(0.5);
    for (HostInfo& host : part.hosts) host.total.vcpus = 1;
  }

  Random& random_;
};

// The hosts that a message speaks of.
class HostsOf {
 public:
  template <class Body>
  void operator()(const Body& body) {
    if constexpr (std::is_same_v<Body, ComputeHeartbeat>) {
      names.insert(names.end(), body.hosts_down.begin(), body.hosts_down.end());
    }
    if constexpr (requires { body.host; }) names.push_back(body.host);
    if constexpr (requires { body.guests; }) add_all(body.guests);
    if constexpr (requires { body.unfinished; }) add_all(body.unfinished);
    if constexpr (requires { body.hosts; }) add_all(body.hosts);
  }

  std::vector<std::string_view> names;

 private:
  template <class Item>
  void add_all(const std::vector<Item>& items) {
    for (const Item& item : items) {
      if constexpr (requires { item.host; }) names.push_back(item.host);
      if constexpr (std::is_same_v<Item, HostInfo>) names.push_back(item.name);
    }
  }
};

bool sees_the_carriers(const SimCloud& cloud, const SimTransport& receiver, const Message& message) {
  HostsOf hosts;
  visit([&](const auto& body) { hosts(body); }, message.body);
  const std::vector<Peer> seen = receiver.peers(Role::kCompute);
  return std::ranges::all_of(hosts.names, [&](std::string_view name) {
    return std::ranges::any_of(cloud.computes(), [&](const auto& node) {
      return std::ranges::find(seen, node->id(), &Peer::id) != seen.end() &&
             std::ranges::find(node->hosts(), name, &HostInfo::name) != node->hosts().end();
    });
  });
}

}  // namespace

Liar::Liar(SimCloud& cloud, Random random, NetworkObserver& next)
    : cloud_(cloud),
      random_(random),
      next_(next),
      id_{Role::kCompute, static_cast<uint32_t>(cloud.computes().size())} {}

void Liar::start() {
  life_.emplace(cloud_, id_, ++lives_);
  life_->transport.open(*this);
}

void Liar::arrives(PeerId from, PeerId to, const Message& message) {
  if (random_.chance(kListened)) {
    overheard_.push_back(message);
    if (overheard_.size() > kRemembered) overheard_.pop_front();
  }
  next_.arrives(from, to, message);
}

const Message* Liar::overheard() {
  return overheard_.empty() ? nullptr : &overheard_[random_.below(overheard_.size())];
}

std::vector<LaunchStep> Liar::speak() {
  std::vector<LaunchStep> told;
  if (!life_) return told;
  auto add = [&told](std::optional<LaunchStep> step) {
    if (step) told.push_back(*step);
  };
  for (const auto& scheduler : cloud_.schedulers()) add(lie_to(scheduler->id()));
  for (Role role : {Role::kController, Role::kNetwork}) add(lie_to({role, 0}));
  add(let_another_lie());
  return told;
}

std::optional<LaunchStep> Liar::lie_to(PeerId to) {
  const Message* said = overheard();
  const SimTransport* receiver = cloud_.node(to).transport();
  if (said == nullptr || receiver == nullptr) return std::nullopt;
  Message lie = *said;
  if (!sees_the_carriers(cloud_, *receiver, lie)) return std::nullopt;
  const LaunchStep step = step_of(lie);
  visit(Twist(random_), lie.body);
  if (!cloud_.network().say_at_once(life_->transport, to, std::move(lie))) return std::nullopt;
  return step;
}

// With extremes, too: nothing of it is looked at.
std::optional<LaunchStep> Liar::let_another_lie() {
  const Message* said = overheard();
  Node& from = *cloud_.nodes()[random_.below(cloud_.nodes().size())];
  Node& to = *cloud_.nodes()[random_.below(cloud_.nodes().size())];
  if (said == nullptr || from.transport() == nullptr || may_send(*said, from.id().role, to.id().role))
    return std::nullopt;
  Message lie = *said;
  const LaunchStep step = step_of(lie);
  if (random_.chance(0.5)) visit(Twist(random_), lie.body);
  if (!cloud_.network().say_at_once(*from.transport(), to.id(), std::move(lie))) return std::nullopt;
  return step;
}

}  // namespace kilonova::sim
