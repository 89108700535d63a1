// kilonova-api: where clients come in. Checks who asks and what, hands it to the controller, answers.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api-server/core/api_core.h"
#include "api-server/front/grpc/grpc_front.h"
#include "daemon/openssl_crypto.h"
#include "daemon/run_daemon.h"

namespace kilonova::api {
namespace {

struct Options {
  DaemonOptions daemon{Role::kApi};
  ApiOptions api;
  GrpcFrontOptions front;
  std::vector<std::string> public_listen{"127.0.0.1:8775"};
  int64_t token_seconds = 3'600;
};

class ApiDaemon final : public Daemon {
 public:
  ApiDaemon(DaemonContext& context, const Options& options)
      : crypto_(context.loop),
        core_(context.loop, context.node, context.log, context.random("api"), crypto_, options.api),
        front_(context.loop, core_, options.front) {
    context.node.add_service(front_.service());
    for (const std::string& address : options.public_listen) context.node.add_listen(address);
  }

  PeerHandler& handler() override { return core_; }
  bool ready() const override { return core_.ready(); }
  void stop() override { front_.stop(); }

 private:
  OpensslCrypto crypto_;
  ApiCore core_;
  GrpcFront front_;
};

void add_options(CLI::App& app, Options& options) {
  add_daemon_options(app, options.daemon);
  app.add_option("--grpc-listen", options.public_listen, "where clients reach the public service kilonova.v1.Cloud")
      ->delimiter(',');
  app.add_option("--token-lifetime", options.token_seconds, "seconds")->check(CLI::Range(1, 31'536'000));
  app.add_option("--max-in-flight", options.api.max_in_flight, "calls at once; more are refused");
}

}  // namespace
}  // namespace kilonova::api

int main(int argc, char** argv) {
  using namespace kilonova;
  using namespace kilonova::api;
  Options options;
  CLI::App app("The api-server of a kilonova cloud: the public gRPC service", "kilonova-api");
  add_options(app, options);
  if (auto exit_code = parse_command_line(app, argc, argv, options.daemon)) return *exit_code;
  options.api.token_lifetime = seconds(options.token_seconds);
  return run_daemon(options.daemon, [&](DaemonContext& context) -> Expected<std::unique_ptr<Daemon>> {
    return std::make_unique<ApiDaemon>(context, options);
  });
}
