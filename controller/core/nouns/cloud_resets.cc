#include "controller/core/nouns/cloud_resets.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "domain/api.h"
#include "domain/setting.h"
#include "ports/caller.h"
#include "runtime/sleep.h"

namespace kilonova::controller {
namespace {

// Hosts that take no time have destroyed their guests by then.
constexpr Duration kLookAgain = milliseconds(5);

ApiCall call_of(ApiRequest request) {
  return {.context = {.role = UserRole::kAdmin}, .accepted = {}, .request = std::move(request)};
}

}  // namespace

CloudResets::CloudResets(ControllerWorld& world, HostRegistry& hosts, BeginAgain begin_again,
                         std::optional<FailedReset> failed)
    : world_(world),
      hosts_(hosts),
      begin_again_(std::move(begin_again)),
      last_(last_reset_of(world.records.setting(std::string(kResetSetting)))),
      failed_(std::move(failed)),
      recovered_(world.loop),
      done_(world.loop),
      end_(world.loop) {}

void CloudResets::start() {
  if (last_.under_way) {
    world_.flows.spawn(finish());
  } else {
    done_.set();
  }
}

bool CloudResets::is_repetition(const ResetCloud& request) const {
  return !request.client_token.empty() && request.client_token == last_.reset.client_token;
}

Task<Expected<Empty>> CloudResets::handle(ResetCloud request, RequestContext context) {
  if (!begin_again_) co_return fail(ErrorCode::kUnimplemented, "this cloud cannot be reset");
  co_await done_.wait();  // one that another client asked for, or this one before
  if (is_repetition(request)) co_return Empty{};
  // Said once: who asks again after that wants it tried again.
  if (failed_ && !request.client_token.empty() && request.client_token == failed_->client_token)
    co_return std::unexpected(std::exchange(failed_, std::nullopt)->why);
  // Another one that was asked for meanwhile waits for the next life, where it is asked again.
  if (std::exchange(is_ending_, true)) co_await end_.wait();
  const CloudReset reset{random_uuid(world_.random), std::move(request.client_token)};
  world_.log.event(LogLevel::kWarning, "the cloud is reset: all but its hosts is erased",
                   {{"reset", to_string(reset.id)},
                    {"request", "req-" + to_string(context.trace.request_id)},
                    {"user", to_hex(context.user_id)}});
  begin_again_(reset);
  co_await end_.wait();
  co_return Empty{};
}

// Each part can be done twice: a controller that dies here begins with the first again.
Task<> CloudResets::finish() {
  co_await reset_networks();
  co_await recovered_.wait();
  co_await clear_hosts();
  while (!co_await store_end()) co_await sleep_for(world_.loop, kStoreRetry);
  world_.log.event(LogLevel::kInfo, "the cloud was reset", {{"reset", to_string(last_.reset.id)}});
  done_.set();
}

Task<> CloudResets::reset_networks() {
  for (;;) {
    auto reply = co_await world_.caller.call_repeatedly<ApiReply>(PeerId{Role::kNetwork, 0},
                                                                  call_of(ResetNetworks{last_.reset.id}),
                                                                  world_.options.rpc_response_timeout, world_.random);
    if (reply && reply->result) {
      // It has forgotten that of the servers before.
      world_.transport.send(PeerId{Role::kNetwork, 0}, Message{0, AddressKey{world_.ticket_key}});
      co_return;
    }
    KN_SOMETIMES("controller: the network-controller is asked again for its reset");
    const Error& why = reply ? reply->result.error() : reply.error();
    world_.log.event(LogLevel::kWarning, "the networks are not reset yet", {{"reason", why.message}});
    co_await sleep_for(world_.loop, kStoreRetry);
  }
}

// What a host does not give up in time, audits find.
Task<> CloudResets::clear_hosts() {
  const Instant deadline = world_.loop.now() + world_.options.rpc_response_timeout;
  for (;;) {
    for (const Peer& process : world_.transport.peers(Role::kCompute)) {
      if (co_await clear_process(process, deadline)) continue;
      KN_SOMETIMES("controller: a host keeps something across a reset");
      world_.log.event(LogLevel::kWarning, "something of before the reset is left on hosts: audits end it",
                       {{"process", to_string(process.id)}});
    }
    // Behind the answers: which of their hosts are down, the processes have said by then.
    std::vector<Host> down = down_hosts();
    if (down.empty() || world_.loop.now() >= deadline) co_return;
    for (Host& host : down) co_await power_on(std::move(host));
    co_await sleep_for(world_.loop, kLookAgain);
  }
}

std::vector<Host> CloudResets::down_hosts() const {
  std::vector<Host> down;
  const std::vector<Peer> processes = world_.transport.peers(Role::kCompute);
  for (const auto& [name, host] : world_.records.of<Host>()) {
    const bool is_carried = std::ranges::find(processes, host.process, &Peer::id) != processes.end();
    if (is_carried && !hosts_.is_up(name)) down.push_back(host);
  }
  return down;
}

Task<> CloudResets::power_on(Host host) {
  auto reply = co_await world_.caller.call<ApiReply>(host.process, call_of(SetHostPower{.host = host.name, .on = true}),
                                                     world_.options.report_interval);
  if (!reply || !reply->result) KN_SOMETIMES("controller: a host stays down across a reset");
}

// Told that it is stale, it destroys a guest, ends a build, and gives the addresses back.
Task<bool> CloudResets::clear_process(Peer process, Instant deadline) {
  while (world_.loop.now() < deadline) {
    bool clear = true;
    ReadBeliefs page{.daemon = process.id, .kind = BeliefKind::kClaims, .after = "", .limit = kBeliefsPerPage};
    do {
      auto reply = co_await world_.caller.call_repeatedly<ApiReply>(process.id, call_of(page),
                                                                    deadline - world_.loop.now(), world_.random);
      if (!reply || !reply->result) co_return false;
      const auto* claims = get_if<BeliefPage>(&*reply->result);
      if (claims == nullptr) co_return false;
      for (const ClaimBelief& claim : claims->claims) {
        if ((!claim.held && !claim.working) || (!claim.host.empty() && !hosts_.is_up(claim.host))) continue;
        clear = false;
        if (claim.host.empty()) continue;  // addresses that are being given back
        world_.transport.send(
            process.id,
            Message{0, ReportAnswer{claim.host, {claim.instance, claim.epoch}, ReportAnswer::Verdict::kStale}});
      }
      page.after = claims->next;
    } while (!page.after.empty());
    if (clear) co_return true;
    co_await sleep_for(world_.loop, kLookAgain);
  }
  co_return false;
}

Task<bool> CloudResets::store_end() {
  LastReset ended = last_;
  ended.under_way = false;
  Setting row{std::string(kResetSetting), to_text(ended)};
  Transaction transaction;
  transaction.push_back(mutation::Put<Setting>{row});
  auto stored = co_await world_.store.commit(std::move(transaction));
  if (!stored) {
    KN_SOMETIMES("controller: the store refuses the end of a reset");
    co_return false;
  }
  world_.records.of<Setting>()[row.name] = row;
  last_ = std::move(ended);
  co_return true;
}

}  // namespace kilonova::controller
