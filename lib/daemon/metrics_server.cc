#include "daemon/metrics_server.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "metrics/metric_page.h"

namespace kilonova {
namespace {

constexpr size_t kMaxConnections = 16;
constexpr size_t kMaxBodyBytes = 4'096;  // of a request, which needs none

http::Response plain(unsigned status, std::string text) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(text)};
}

http::ServerOptions server_options() {
  http::ServerOptions options;
  options.connection.limits.body_bytes = kMaxBodyBytes;
  options.max_connections = kMaxConnections;
  options.max_of_source = kMaxConnections;
  return options;
}

Task<http::Response> answer(http::Request request, const std::function<std::string()>* page) {
  co_return answer_scrape(request, *page);
}

}  // namespace

http::Response answer_scrape(const http::Request& request, const std::function<std::string()>& page) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (path == "/" && request.method == "GET") return plain(200, "The metrics of this daemon: /metrics\n");
  if (path != "/metrics") return plain(404, "There is only /metrics here.\n");
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response = plain(405, "/metrics can be read only: GET.\n");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  return {.status = 200, .headers = {{"Content-Type", std::string(MetricPage::kContentType)}}, .body = page()};
}

MetricsServer::MetricsServer(RealLoop& loop, std::function<std::string()> page)
    : server_(
          loop, [page = std::move(page)](http::Request request) { return answer(std::move(request), &page); },
          server_options()) {}

Expected<> MetricsServer::listen(const std::string& address) {
  const http::TlsContext no_tls;
  auto listening = server_.listen(address, no_tls);
  if (listening) return listening;
  return fail(listening.error().code, fmt::format("--metrics-listen: {}", listening.error().message));
}

}  // namespace kilonova
