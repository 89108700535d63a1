#include "sim/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <utility>

#include "domain/api.h"
#include "domain/nouns/server.h"
#include "domain/server_actions.h"
#include "sim/checkers/checker_set.h"
#include "sim/checkers/settled.h"
#include "sim/cloud.h"
#include "sim/outside_world.h"
#include "sim/scenario_clients.h"
#include "sim/server_requests.h"

namespace kilonova::sim {
namespace {

using Words = std::vector<std::string>;

constexpr Duration kPatience = seconds(600);  // of `when`
constexpr Duration kSettle = seconds(900);
constexpr Duration kSlice = seconds(5);

std::unexpected<Error> wrong(std::string why) { return fail(ErrorCode::kInvalidArgument, std::move(why)); }

std::vector<std::string> message_names() {
  std::vector<std::string> names;
  for_each_type(MessageSet::Types{}, [&]<class Body>() { names.emplace_back(message_name(Message{0, Body{}})); });
  return names;
}

Expected<int64_t> number_of(const std::string& word) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < 0 || number > 1'000'000)
    return wrong(fmt::format("'{}' is no number: say 0 to 1000000", word));
  return number;
}

// Latencies are drawn, so whose hosts are heard of first. With this seed a server goes to the host that the scenarios strike.
constexpr uint64_t kSeed = 8;

class Player {
 public:
  Player(std::string_view file_name, const ScenarioOptions& extras) : file_name_(file_name), extras_(extras) {
    options_.hosts = 4;
    options_.compute_processes = 2;
    options_.timing = *compute::TimingModel::realistic().times(1);
    options_.compute.audit_interval = options_.network.audit_interval = seconds(60);
  }

  // One line without its comment; none when it is empty.
  Expected<> play(size_t line, const Words& words) {
    line_ = line;
    auto verb = std::ranges::find(verbs(), words[0], &Verb::name);
    if (verb == verbs().end()) return wrong(fmt::format("unknown word '{}'; known are {}", words[0], known_verbs()));
    size_t arguments = words.size() - 1;
    if (arguments < verb->least || arguments > verb->most)
      return wrong(fmt::format("'{}' is said as: {} {}", words[0], words[0], verb->form));
    if (verb->setting && cloud_) return wrong(fmt::format("'{}' comes first, before anything happens", words[0]));
    if (!verb->setting) begin();
    return (this->*verb->action)(words);
  }
  ScenarioResult result() {
    begin();
    report_violations();
    return {std::move(cloud_->history().steps), std::move(cloud_->history().events), std::move(failures_)};
  }

 private:
  struct Verb {
    std::string_view name;
    size_t least = 0;  // arguments
    size_t most = 0;
    std::string_view form;
    Expected<> (Player::*action)(const Words&);
    bool setting = false;
  };
  static std::span<const Verb> verbs();
  static std::string known_verbs() {
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs()) names.push_back(verb.name);
    return fmt::format("{}", fmt::join(names, ", "));
  }

  void begin() {
    if (cloud_) return;
    options_.seed = kSeed;
    cloud_ = std::make_unique<SimCloud>(options_);
    checkers_ = std::make_unique<CheckerSet>(*cloud_);
    clients_ = std::make_unique<ScenarioClients>(*cloud_, *checkers_);
    cloud_->history().keep_steps = cloud_->history().keep_events = true;
    cloud_->network().set_tap([this](PeerId, PeerId, const Message& message) { return passes(message); });
    if (extras_.codec) cloud_->network().set_codec(extras_.codec);
    cloud_->controller().set_bugs(extras_.bugs);
    cloud_->start();
    cloud_->run_for(seconds(1));
  }
  void failed(std::string why) { failures_.push_back(fmt::format("{}:{}: {}", file_name_, line_, why)); }

  // --- what the cloud is like

  Expected<> set_count(const Words& words) {
    auto count = number_of(words[1]);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return wrong(fmt::format("a cloud has at least one of {}", words[0]));
    auto& option = words[0] == "hosts"        ? options_.hosts
                   : words[0] == "schedulers" ? options_.schedulers
                                              : options_.compute_processes;
    option = static_cast<size_t>(*count);
    options_.compute_processes = std::min(options_.compute_processes, options_.hosts);
    return {};
  }
  Expected<> set_host_size(const Words& words) {
    std::array<int64_t*, 3> sizes{&options_.host_size.vcpus, &options_.host_size.memory_mb,
                                  &options_.host_size.disk_gb};
    for (size_t i = 0; i < sizes.size(); ++i) {
      auto size = number_of(words[i + 1]);
      if (!size) return std::unexpected(size.error());
      *sizes[i] = *size;
    }
    return {};
  }
  Expected<> set_timing(const Words& words) {
    if (words[1] != "instant" && words[1] != "realistic")
      return wrong(fmt::format("'{}' is no timing: say instant or realistic", words[1]));
    options_.timing = words[1] == "instant" ? compute::TimingModel() : *compute::TimingModel::realistic().times(1);
    return {};
  }

  // --- what clients do

  Expected<> launch(const Words& words) {
    CreateServers request;
    request.name = "server";
    request.flavor = words.size() > 2 ? words[2] : "m1.tiny";
    request.image = "cirros";
    request.client_token = fmt::format("token-{}", line_);
    if (words.size() > 1) {
      auto count = number_of(words[1]);
      if (!count) return std::unexpected(count.error());
      request.max_count = static_cast<uint32_t>(*count);
    }
    request.min_count = request.max_count;
    return call(std::move(request));
  }
  Expected<> act(const Words& words) {
    auto number = number_of(words.back());
    if (!number) return std::unexpected(number.error());
    std::vector<Uuid> servers;
    for (const auto& [instance, record] : cloud_->history().steps)
      if (std::ranges::find(servers, instance) == servers.end()) servers.push_back(instance);
    if (*number < 1 || static_cast<size_t>(*number) > servers.size())
      return wrong(fmt::format("there is no server {}: so far {} were created", *number, servers.size()));
    const Uuid& server = servers[static_cast<size_t>(*number) - 1];
    if (words[0] == "delete-server") return call(DeleteServer{to_string(server)}, server);
    const ServerActionInfo* action = find_action(words[1]);
    if (!action || action->asked == ActionAsked::kNext)
      return wrong(fmt::format("'{}' is no server action such as stop", words[1]));
    return call(request_of(*action, to_string(server)), server);
  }
  Expected<> call(ApiRequest request, const Uuid& server = {}) {
    if (!cloud_->api().alive()) return wrong("api-0 is dead: nobody can call it");
    clients_->call(std::move(request), server);
    return {};
  }

  // A line of docs/play.md, said in words.
  Expected<> at(const Words& words) {
    std::string line;
    for (const std::string& word : words) line += word + ' ';
    auto events = parse_outside_line(line, line_);
    if (!events) return std::unexpected(events.error());
    for (const OutsideEvent& event : *events)
      cloud_->loop().call_after(event.at, [this, event, line = line_] {
        auto happens = what_happens(*cloud_, event);
        if (!happens) return failures_.push_back(fmt::format("{}:{}: {}", file_name_, line, happens.error().message));
        if (*happens && cloud_->api().alive()) clients_->call(std::move((*happens)->request), (*happens)->server);
      });
    return {};
  }

  // --- time

  // "committed": a change of a row has just become durable, and its controller does not know it yet.
  Expected<> when(const Words& words) {
    std::optional<LaunchStep> step = parse_launch_step(words[1]);
    if (!step && words[1] != "committed")
      return wrong(fmt::format("'{}' is no launch step such as guest_started, nor committed", words[1]));
    const auto& steps = cloud_->history().steps;
    size_t seen = steps.size();
    uint64_t changes = cloud_->ledger().changes().rows;
    bool came = false;
    VirtualLoop& loop = cloud_->loop();
    for (Instant end = loop.now() + kPatience; !came && loop.now() < end && loop.step();) {
      if (!step) came = cloud_->ledger().changes().rows > changes;
      for (; step && !came && seen < steps.size(); ++seen) came = steps[seen].record.step == *step;
    }
    if (!came) failed(fmt::format("{} did not come within ten minutes", words[1]));
    report_violations();
    return {};
  }
  Expected<> wait(const Words& words) {
    auto duration = compute::parse_timing_duration(words[1]);
    if (!duration) return std::unexpected(duration.error());
    pass(*duration);
    report_violations();
    return {};
  }
  Expected<> settle(const Words&) {
    for (Instant end = cloud_->loop().now() + kSettle; cloud_->loop().now() < end;) {
      if (!pass(kSlice)) break;
      checkers_->look(cloud_->loop().now());
    }
    check_settled(*cloud_, checkers_->violations());
    report_violations();
    if (clients_->waiting() > 0) failed(fmt::format("{} clients are still waiting", clients_->waiting()));
    return {};
  }
  bool pass(Duration duration) {
    if (cloud_->run_for(duration)) return true;
    failed(fmt::format("time stands still at {} us", cloud_->loop().now().us));
    return false;
  }
  // What the checkers found while time passed, as failures of the line that let it.
  void report_violations() {
    const auto& found = checkers_->violations().found();
    for (; violations_told_ < found.size(); ++violations_told_) failed(found[violations_told_]);
  }

  // --- what goes wrong

  bool passes(const Message& message) {
    std::string_view name = message_name(message);
    if (auto once = lost_once_.find(name); once != lost_once_.end()) {
      lost_once_.erase(once);
      return false;
    }
    return !lost_.contains(name);
  }
  Expected<> lose(const Words& words) {
    static const std::vector<std::string> kNames = message_names();
    bool once = words.size() == 3;
    if (once && words[1] != "once") return wrong("'lose' is said as: lose [once] MESSAGE");
    if (std::ranges::find(kNames, words.back()) == kNames.end())
      return wrong(fmt::format("'{}' is no message; there are {}", words.back(), fmt::join(kNames, ", ")));
    if (once) {
      lost_once_.insert(words.back());
    } else {
      lost_.insert(words.back());
    }
    return {};
  }
  Expected<> deliver(const Words&) {
    lost_.clear();
    lost_once_.clear();
    return {};
  }

  Expected<Node*> node(const std::string& name) {
    std::vector<std::string> names;
    for (Node* node : cloud_->nodes()) {
      names.push_back(to_string(node->id()));
      if (names.back() == name) return node;
    }
    return wrong(fmt::format("there is no node '{}'; there are {}", name, fmt::join(names, ", ")));
  }
  Expected<> kill_or_start(const Words& words) {
    auto found = node(words[1]);
    if (!found) return std::unexpected(found.error());
    Node& node = **found;
    if (words[0] != "start" && !node.alive()) return wrong(fmt::format("{} is dead already", words[1]));
    if (words[0] == "start" && node.alive()) return wrong(fmt::format("{} is alive already", words[1]));
    if (words[0] != "start") node.kill();
    if (words[0] != "kill") node.start();
    return {};
  }
  Expected<> cut_power(const Words& words) {
    auto found = node(words[1]);
    if (!found) return std::unexpected(found.error());
    if ((*found)->id().role != Role::kCompute) return wrong("only a compute process has guests that lose their power");
    cloud_->computes()[(*found)->id().index]->cut_power();
    return {};
  }
  Expected<MemoryDisk*> disk_of(const std::string& name) {
    auto found = node(name);
    if (!found) return std::unexpected(found.error());
    PeerId id = (*found)->id();
    if (id.role == Role::kScheduler || id.role == Role::kApi) return wrong(fmt::format("{} has no disk", name));
    return id.role == Role::kController ? &cloud_->controller().disk()
           : id.role == Role::kNetwork  ? &cloud_->network_controller().disk()
                                        : &cloud_->computes()[id.index]->disk();
  }
  // Of a store whose commits take time and can be under way; a journal's do not.
  Expected<MemoryDisk*> commits_of(const std::string& name) {
    auto disk = disk_of(name);
    if (disk && name.starts_with(to_string(Role::kCompute)))
      return wrong(fmt::format("{} has a journal, whose writes take no time", name));
    return disk;
  }
  Expected<> refuse_once(const Words& words) {
    auto disk = disk_of(words[1]);
    if (!disk) return std::unexpected(disk.error());
    (*disk)->fail_next({ErrorCode::kUnavailable, "input/output error"});
    return {};
  }
  Expected<> slow_disk(const Words& words) {
    auto disk = commits_of(words[1]);
    if (!disk) return std::unexpected(disk.error());
    auto latency = compute::parse_timing_duration(words[2]);
    if (!latency) return std::unexpected(latency.error());
    (*disk)->commit_latency = *latency;
    return {};
  }
  Expected<> keep_unanswered(const Words& words) {
    auto disk = commits_of(words[1]);
    if (!disk) return std::unexpected(disk.error());
    (*disk)->kept_on_crash = [](size_t unanswered) { return unanswered; };
    return {};
  }
  Expected<> crash_or_start_host(const Words& words) {
    for (const auto& node : cloud_->computes())
      for (const HostInfo& host : node->hosts()) {
        if (host.name != words[1]) continue;
        words[0] == "crash-host" ? node->crash_host(host.name) : node->start_host(host.name);
        return {};
      }
    return wrong(fmt::format("there is no host '{}' such as host-00000", words[1]));
  }
  Expected<> cut(const Words& words) {
    auto from = node(words[1]);
    if (!from) return std::unexpected(from.error());
    auto to = node(words[2]);
    if (!to) return std::unexpected(to.error());
    if (!are_connected((*from)->id().role, (*to)->id().role))
      return wrong(fmt::format("{} and {} do not talk with each other", words[1], words[2]));
    cloud_->network().cut((*from)->id(), (*to)->id());
    if (words[0] == "cut") cloud_->network().cut((*to)->id(), (*from)->id());
    return {};
  }
  Expected<> heal(const Words&) {
    cloud_->network().heal_all();
    return {};
  }

  // --- what must be so

  Expected<> expect(const Words& words) {
    auto wanted = number_of(words[1]);
    if (!wanted) return std::unexpected(wanted.error());
    auto state = std::ranges::find(vm_states(), words[2], &VmStateInfo::name);
    if (state == vm_states().end() && words[2] != "guests")
      return wrong(
          fmt::format("'{}' cannot be counted: say guests, or a state such as active, stopped or error", words[2]));
    const Ledger& ledger = cloud_->ledger();
    int64_t found = words[2] == "guests" ? static_cast<int64_t>(ledger.guests().size())
                                         : std::ranges::count_if(ledger.rows(), [&](const auto& row) {
                                             return row.second.vm_state == state->state;
                                           });
    if (found != *wanted) failed(fmt::format("{} {} were expected, {} found", *wanted, words[2], found));
    return {};
  }

  std::string file_name_;
  ScenarioOptions extras_;
  size_t line_ = 0;
  CloudOptions options_;
  std::multiset<std::string, std::less<>> lost_once_;
  std::set<std::string, std::less<>> lost_;
  std::vector<std::string> failures_;
  size_t violations_told_ = 0;
  std::unique_ptr<CheckerSet> checkers_;
  std::unique_ptr<ScenarioClients> clients_;
  std::unique_ptr<SimCloud> cloud_;  // last, so that it dies first: its tap, ledger and clients look at what is above
};

std::span<const Player::Verb> Player::verbs() {
  static constexpr auto kVerbs = std::to_array<Verb>({
      {"hosts", 1, 1, "COUNT", &Player::set_count, true},
      {"compute-processes", 1, 1, "COUNT", &Player::set_count, true},
      {"schedulers", 1, 1, "COUNT", &Player::set_count, true},
      {"host-size", 3, 3, "VCPUS MEMORY_MB DISK_GB", &Player::set_host_size, true},
      {"timing", 1, 1, "instant|realistic", &Player::set_timing, true},
      {"launch", 0, 2, "[COUNT [FLAVOR]]", &Player::launch},
      {"delete-server", 1, 1, "NUMBER", &Player::act},
      {"act", 2, 2, "ACTION NUMBER", &Player::act},
      {"at", 3, 16, "TIME WHAT, as docs/play.md has it", &Player::at},
      {"when", 1, 1, "STEP|committed", &Player::when},
      {"wait", 1, 1, "DURATION", &Player::wait},
      {"lose", 1, 2, "[once] MESSAGE", &Player::lose},
      {"deliver", 0, 0, "", &Player::deliver},
      {"kill", 1, 1, "NODE", &Player::kill_or_start},
      {"start", 1, 1, "NODE", &Player::kill_or_start},
      {"restart", 1, 1, "NODE", &Player::kill_or_start},
      {"cut-power", 1, 1, "NODE", &Player::cut_power},
      {"crash-host", 1, 1, "HOST", &Player::crash_or_start_host},
      {"start-host", 1, 1, "HOST", &Player::crash_or_start_host},
      {"refuse-once", 1, 1, "NODE", &Player::refuse_once},
      {"slow-disk", 2, 2, "NODE DURATION", &Player::slow_disk},
      {"keep-unanswered", 1, 1, "NODE", &Player::keep_unanswered},
      {"cut", 2, 2, "NODE NODE", &Player::cut},
      {"cut-one-way", 2, 2, "FROM TO", &Player::cut},
      {"heal", 0, 0, "", &Player::heal},
      {"settle", 0, 0, "", &Player::settle},
      {"expect", 2, 2, "COUNT STATE|guests", &Player::expect},
  });
  return kVerbs;
}

}  // namespace

Expected<ScenarioResult> play_scenario(std::string_view text, std::string_view file_name,
                                       const ScenarioOptions& options) {
  Player player(file_name, options);
  std::istringstream lines{std::string(text)};
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    std::istringstream stream(line.substr(0, line.find('#')));
    Words words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.empty()) continue;
    if (Expected<> played = player.play(number, words); !played)
      return wrong(fmt::format("{}:{}: {}", file_name, number, played.error().message));
  }
  return player.result();
}

std::string transcript_of(const std::vector<LoggedStep>& steps) {
  std::map<Uuid, size_t> numbers;
  std::string transcript;
  for (const auto& [instance, record] : steps) {
    size_t number = numbers.try_emplace(instance, numbers.size() + 1).first->second;
    transcript +=
        fmt::format("server {} {:>2} {:<20} epoch {} attempt {} {} {}{}\n", number, static_cast<int>(record.step),
                    to_string(record.step), record.epoch, record.attempt, record.daemon,
                    record.host.empty() ? "-" : record.host, record.fault.empty() ? "" : " FAULT");
  }
  return transcript;
}

}  // namespace kilonova::sim
