// kilonova-api: where clients come in. Checks who asks and what, hands it to the controller, answers.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api-server/core/api_core.h"
#include "api-server/front/dashboard/dashboard_front.h"
#include "api-server/front/ec2/ec2_front.h"
#include "api-server/front/grpc/grpc_front.h"
#include "api-server/front/openstack/openstack_front.h"
#include "api-server/front/openstack/request_meta.h"
#include "api-server/http_counts.h"
#include "api-server/images/disk_image_files.h"
#include "daemon/loopback.h"
#include "daemon/metrics_server.h"
#include "daemon/openssl_crypto.h"
#include "daemon/run_daemon.h"
#include "http/server.h"
#include "http/tls_context.h"
#include "rpc/node/tls.h"
#include "runtime/scope.h"
#include "runtime/sleep.h"

namespace kilonova::api {
namespace {

constexpr const char* kImages = "/images";

bool is_closed_or_loopback(const std::string& address) { return address.empty() || is_loopback(address); }

struct Options {
  DaemonOptions daemon{Role::kApi};
  ApiOptions api;
  GrpcFrontOptions front;
  std::vector<std::string> public_listen{"127.0.0.1:8775"};
  std::vector<std::string> http_listen{"127.0.0.1:8774"};
  TlsFiles tls;  // of the public addresses
  int64_t token_seconds = 3'600;

  // The daemons' address too: every service is served on every address.
  bool beyond_loopback() const {
    return !std::ranges::all_of(public_listen, is_loopback) ||
           !std::ranges::all_of(http_listen, is_closed_or_loopback) || !is_loopback(daemon.listen);
  }
};

http::ServerOptions http_options(const openstack::OpenstackFront& front) {
  http::ServerOptions options;
  options.connection.limits.body_bytes_of = [&front](const http::Request& head) {
    return ec2::Ec2Front::takes(head) ? ec2::Ec2Front::kMaxBodyBytes : front.max_body_bytes(head);
  };
  options.connection.limits.sink_of = [&front](const http::Request& head) { return front.sink_of(head); };
  return options;
}

class ApiDaemon final : public Daemon {
 public:
  ApiDaemon(DaemonContext& context, const Options& options, const TlsPtr& tls, const http::TlsContext& http_tls)
      : context_(context),
        crypto_(context.loop),
        core_(context.loop, context.node, context.log, context.random("api"), crypto_, core_options(options)),
        front_(context.loop, core_, options.front),
        image_files_(context.loop, options.daemon.state_dir + kImages,
                     DiskImageFiles::kept_free(options.daemon.state_dir)),
        openstack_(context.loop, core_,
                   {options.http_listen.empty() ? "" : options.http_listen.front(), &image_files_}),
        ec2_(context.loop, core_, &image_files_),
        dashboard_(context.loop, core_),
        http_(
            context.loop, [this](http::Request request) { return handle(std::move(request)); },
            http_options(openstack_)),
        http_listen_(options.http_listen),
        http_tls_(http_tls),
        check_passwords_(options.api.login.refuse_default),
        logs_requests_(options.daemon.log_level == LogLevel::kDebug),
        scope_(std::in_place, context.loop) {
    context.node.add_service(front_.service(), GrpcFront::service_name());
    for (const std::string& address : options.public_listen) context.node.add_listen(address, tls);
    bool is_reached = !std::ranges::all_of(options.public_listen, is_loopback) ||
                      !std::ranges::all_of(options.http_listen, is_closed_or_loopback);
    if (is_reached && !tls)
      context.log.event(LogLevel::kWarning,
                        "clients reach this cloud without TLS, so that others can read their passwords",
                        {{"remedy", "--tls-certificate and --tls-key"}});
  }

  Task<Expected<>> start() override {
    if (check_passwords_) scope_->spawn(check_passwords());
    scope_->spawn(read_revocations());
    scope_->spawn(ask_controller());
    for (const std::string& address : http_listen_) {
      if (address.empty()) continue;
      if (auto listening = http_.listen(address, http_tls_); !listening) co_return listening;
    }
    co_return Expected<>();
  }
  PeerHandler& handler() override { return core_; }
  bool ready() const override { return core_.ready() && answering_; }
  void add_metrics(MetricPage& page) override {
    http_counts_.add_metrics(page);
    page.add(metric::kHttpConnections, static_cast<double>(http_.connections()));
    page.add(metric::kCallsInFlight, static_cast<double>(core_.in_flight()));
  }
  void stop() override {
    http_.stop();
    scope_.reset();
    front_.stop();
  }

 private:
  ApiOptions core_options(const Options& options) {
    ApiOptions core = options.api;
    core.login.is_own_client = [this](const TcpEnd& client) {
      return kilonova::is_own_client(client, context_.node.addresses()) ||
             kilonova::is_own_client(client, http_.addresses());
    };
    return core;
  }

  Task<http::Response> handle(http::Request request) {
    return logs_requests_ ? handle_and_log(std::move(request)) : answer_and_count(std::move(request));
  }
  Task<http::Response> answer_and_count(http::Request request) {
    const std::string target = request.target.substr(0, kCountedTarget);
    const Instant begin = request.received_at;
    http::Response response = co_await answer(std::move(request));
    http_counts_.add(target, response.hangs_up ? 0 : response.status, context_.loop.now() - begin);
    co_return response;
  }
  Task<http::Response> answer(http::Request request) {
    if (request.target == "/metrics") return answer_metrics(std::move(request));
    if (dashboard::DashboardFront::takes(request)) return dashboard_.handle(std::move(request));
    return ec2::Ec2Front::takes(request) ? ec2_.handle(std::move(request)) : openstack_.handle(std::move(request));
  }
  // A line a request, as nova-api has it, but without the query, in which EC2's clients sign.
  Task<http::Response> handle_and_log(http::Request request) {
    const std::string method = request.method;
    const std::string path = request.target.substr(0, request.target.find('?'));
    const std::string client(request.header("User-Agent"));
    const Instant begin = context_.loop.now();
    http::Response response = co_await answer_and_count(std::move(request));
    const char* const request_id = response.route.starts_with('/') ? "x-openstack-request-id" : "x-amzn-RequestId";
    auto said = [&](std::string_view name) {
      const std::string* value = http::find_header(response.headers, name);
      return value == nullptr ? std::string() : *value;
    };
    context_.log.event(LogLevel::kDebug, "http request",
                       {{"method", method},
                        {"path", path},
                        {"route", std::string(response.route)},
                        {"status", std::to_string(response.status)},
                        {"us", std::to_string((context_.loop.now() - begin).us)},
                        {"microversion", said("OpenStack-API-Version")},
                        {"request", said(request_id)},
                        {"client", client}});
    co_return response;
  }

  // This daemon's, to administrators: it tells of the whole cloud's work. By a token in X-Auth-Token, as OpenStack's
  // clients send it, or as Prometheus does.
  Task<http::Response> answer_metrics(http::Request request) {
    std::string token = openstack::read_request_meta(request).token;
    constexpr std::string_view kBearer = "Bearer ";
    if (token.empty() && request.header("Authorization").starts_with(kBearer))
      token = request.header("Authorization").substr(kBearer.size());
    const Expected<TokenClaims> claims = core_.check_token(token);
    const bool is_admin = claims && claims->scope == TokenScope::kProject && claims->role == UserRole::kAdmin &&
                          !claims->has_access_rules;
    if (is_admin) co_return answer_scrape(request, context_.metrics);
    http::Response refused{.headers = {{"Content-Type", "text/plain; charset=utf-8"}}};
    refused.status = claims ? 403 : claims.error().code == ErrorCode::kUnauthenticated ? 401 : 503;
    refused.body = claims ? "Metrics are for administrators.\n" : claims.error().message + "\n";
    if (refused.status == 401) refused.headers.emplace_back("WWW-Authenticate", "Bearer");
    co_return refused;
  }

  // Until the controller can be asked, nobody is served.
  Task<void> check_passwords() {
    Expected<> checked = co_await core_.check_default_passwords();
    while (!checked &&
           (checked.error().code == ErrorCode::kUnavailable || checked.error().code == ErrorCode::kDeadlineExceeded)) {
      co_await sleep_for(context_.loop, kAskAgain);
      checked = co_await core_.check_default_passwords();
    }
    if (checked)
      context_.check_ready();
    else
      context_.give_up(std::move(checked.error()));
  }

  // Until it was done once, nobody is served; then again and again, for what other api-servers were told.
  Task<void> read_revocations() {
    for (bool is_done = false;;) {
      Expected<> read = co_await core_.read_revocations();
      if (read && !std::exchange(is_done, true)) context_.check_ready();
      co_await sleep_for(context_.loop, is_done ? kRevocationsInterval : kAskAgain);
    }
  }

  // Images that went without this process: by another front, while it was down, or with a reset. The files first, so that
  // none of an image that is made meanwhile is taken for one that went.
  Task<void> forget_deleted_images() {
    std::vector<Uuid> kept = co_await image_files_.kept();
    if (kept.empty()) co_return;
    Expected<std::vector<Uuid>> known = co_await core_.all_image_ids();
    while (!known) {
      co_await sleep_for(context_.loop, kProbeInterval);
      known = co_await core_.all_image_ids();
    }
    for (const Uuid& image : kept)
      if (std::ranges::find(*known, image) == known->end()) co_await image_files_.remove(image);
  }

  // A controller that is stopped stays connected for a while: whether it answers is asked.
  Task<void> ask_controller() {
    for (;;) {
      co_await sleep_for(context_.loop, kProbeInterval);
      if (!core_.ready()) continue;  // it has not connected yet, or is gone: that needs no question
      answering_ = co_await core_.is_controller_answering(kProbePatience);
      context_.check_ready();
      if (std::exchange(files_looked_at_in_, core_.controller_life()) != core_.controller_life())
        scope_->spawn(forget_deleted_images());
    }
  }

  static constexpr size_t kCountedTarget = 16;  // bytes of it that tell the service
  static constexpr Duration kAskAgain = milliseconds(20);
  static constexpr Duration kProbeInterval = seconds(2);
  static constexpr Duration kRevocationsInterval = seconds(30);
  static constexpr Duration kProbePatience = seconds(5);

  DaemonContext& context_;
  OpensslCrypto crypto_;
  ApiCore core_;
  GrpcFront front_;
  DiskImageFiles image_files_;
  openstack::OpenstackFront openstack_;
  ec2::Ec2Front ec2_;
  HttpCounts http_counts_;
  dashboard::DashboardFront dashboard_;
  http::Server http_;  // its flows use the above
  std::vector<std::string> http_listen_;
  http::TlsContext http_tls_;
  bool check_passwords_;
  bool logs_requests_;
  bool answering_ = true;
  Incarnation files_looked_at_in_ = 0;  // which life of the controller
  std::optional<Scope> scope_;          // last: its flow uses the above
};

void add_options(CLI::App& app, Options& options) {
  add_daemon_options(app, options.daemon);
  app.add_option("--grpc-listen", options.public_listen, "where clients reach the public service kilonova.v1.Cloud")
      ->delimiter(',');
  app.add_option("--http-listen", options.http_listen,
                 "where clients reach OpenStack's services over HTTP; none = \"\"")
      ->delimiter(',')
      ->expected(0, 1'000);
  app.add_option("--tls-certificate", options.tls.certificate, "TLS for clients: what they are shown (PEM)")
      ->envname("KILONOVA_TLS_CERTIFICATE");
  app.add_option("--tls-key", options.tls.key, "its private key (PEM)")->envname("KILONOVA_TLS_KEY");
  app.add_option("--tls-ca", options.tls.ca, "clients too have to show a certificate, of this CA (PEM)")
      ->envname("KILONOVA_TLS_CA");
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
  options.api.login.refuse_default = options.beyond_loopback();
  options.api.reads_revocations = true;
  return run_daemon(options.daemon, [&](DaemonContext& context) -> Expected<std::unique_ptr<Daemon>> {
    if (auto made = make_state_directories(options.daemon.state_dir, {kImages}); !made)
      return std::unexpected(std::move(made.error()));
    Expected<TlsPtr> tls = load_tls(options.tls, TlsUse::kPublic);
    if (!tls) return std::unexpected(std::move(tls.error()));
    http::TlsText text;
    if (*tls) text = {(*tls)->certificate, (*tls)->key, (*tls)->ca};
    Expected<http::TlsContext> http_tls = http::make_tls_context(text);
    if (!http_tls) return std::unexpected(std::move(http_tls.error()));
    return std::make_unique<ApiDaemon>(context, options, *tls, *http_tls);
  });
}
