// fault_proxy: a process between daemons that loses, repeats, delays, reorders and cuts, seeded (fault_proxy.h).
//
//   fault_proxy --route unix:/s/p/controller.sock=unix:/s/run/controller-0.sock ... --rules FILE [--seed N] [--counts FILE]
//
// The daemons are told the routes' addresses (--controller, --advertise). The rules (fault_rules.h) are read again on SIGHUP:
// so streams are cut, one way or both, and healed. On SIGUSR1, when new rules hold, and at the end, the rules and what happened so
// far are written to --counts as JSON. SIGTERM ends it.
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "runtime/real_loop.h"
#include "tests/tools/proxy/fault_proxy.h"

namespace kilonova::proxy {
namespace {

struct Options {
  std::vector<std::string> routes;
  std::string rules_file;
  std::string counts_file;
  uint64_t seed = 1;
};

Expected<std::vector<Route>> parse_routes(const std::vector<std::string>& texts) {
  std::vector<Route> routes;
  for (const std::string& text : texts) {
    size_t equals = text.find('=');
    if (equals == std::string::npos)
      return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no LISTEN=TARGET", text));
    routes.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return routes;
}

// Gives the proxy what stands in the file, and returns it; the old rules hold on after a failure.
Expected<std::string> take_rules(const std::string& path, FaultProxy& proxy) {
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail(ErrorCode::kNotFound, fmt::format("{} cannot be read", path));
  auto rules = FaultRules::parse(text);
  if (!rules) return std::unexpected(rules.error());
  proxy.set_rules(std::move(*rules));
  return text;
}

void write_counts(const FaultProxy& proxy, const std::string& rules, const std::string& path) {
  if (path.empty()) return;
  nlohmann::json json{{"rules", rules}, {"directions", nlohmann::json::object()}};
  for (const auto& [direction, c] : proxy.counts())
    json["directions"][direction] = {{"passed", c.passed},
                                     {"dropped", c.dropped},
                                     {"repeated", c.repeated},
                                     {"reordered", c.reordered},
                                     {"delayed", c.delayed},
                                     {"frames", c.frames},
                                     {"frames_dropped", c.frames_dropped},
                                     {"frames_repeated", c.frames_repeated},
                                     {"breaks", c.breaks}};
  std::string fresh = path + ".new";
  std::ofstream(fresh) << json.dump(2) << '\n';
  std::rename(fresh.c_str(), path.c_str());
}

// Takes signals in a thread of its own and hands them to the loop; returns after SIGTERM or SIGINT.
void watch_signals(RealLoop& loop, FaultProxy& proxy, std::string& rules, const Options& options) {
  sigset_t watched;
  sigemptyset(&watched);
  for (int number : {SIGHUP, SIGUSR1, SIGTERM, SIGINT}) sigaddset(&watched, number);
  for (int number = 0; sigwait(&watched, &number) == 0;) {
    loop.post_from_any_thread([&proxy, &rules, &options, number] {
      if (number == SIGHUP) {
        auto taken = take_rules(options.rules_file, proxy);
        if (!taken) return fmt::print(stderr, "fault_proxy: {}\n", taken.error().message);
        rules = *std::move(taken);
      }
      write_counts(proxy, rules, options.counts_file);
    });
    if (number == SIGTERM || number == SIGINT) break;
  }
  loop.post_from_any_thread([&loop] { loop.stop(); });
}

Expected<> run(const Options& options) {
  sigset_t watched;
  sigemptyset(&watched);
  for (int number : {SIGHUP, SIGUSR1, SIGTERM, SIGINT}) sigaddset(&watched, number);
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);  // before gRPC has threads
  std::signal(SIGPIPE, SIG_IGN);
  auto routes = parse_routes(options.routes);
  if (!routes) return std::unexpected(routes.error());
  ManyQueues queues;
  RealLoop loop(queues);
  FaultProxy proxy(loop, queues, options.seed);
  auto rules = take_rules(options.rules_file, proxy);
  if (!rules) return std::unexpected(rules.error());
  if (auto started = proxy.start(*routes); !started) return started;
  std::thread signals([&] { watch_signals(loop, proxy, *rules, options); });
  fmt::print("ready\n");
  std::fflush(stdout);
  loop.run();
  signals.join();
  proxy.stop();
  return {};
}

}  // namespace
}  // namespace kilonova::proxy

int main(int argc, char** argv) {
  kilonova::proxy::Options options;
  CLI::App app("Stands between daemons and harms what they say", "fault_proxy");
  app.add_option("--route", options.routes, "LISTEN=TARGET, once for each daemon that others dial")->required();
  app.add_option("--rules", options.rules_file, "what is done to whose messages")->required();
  app.add_option("--counts", options.counts_file, "where to write what happened");
  app.add_option("--seed", options.seed, "of every draw");
  CLI11_PARSE(app, argc, argv);
  auto ended = kilonova::proxy::run(options);
  if (ended) return 0;
  fmt::print(stderr, "fault_proxy: {}\n", ended.error().message);
  return 1;
}
