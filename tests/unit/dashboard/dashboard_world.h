// A DashboardFront over an ApiCore whose controller is the test.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/dashboard/dashboard_front.h"
#include "api-server/front/openstack/json.h"
#include "http/body.h"
#include "http/message.h"
#include "tests/unit/api-server/api_core_fixture.h"

namespace kilonova::api::dashboard {

using Reply = std::optional<http::Response>;

inline Task<void> run_front(DashboardFront* front, http::Request request, Reply* reply) {
  *reply = co_await front->handle(std::move(request));
}

inline Task<void> run_read(http::BodySource* source, size_t most, std::optional<std::string>* piece) {
  Expected<std::string> read = co_await source->read(most);
  *piece = read.value_or("failed");
}

class DashboardWorld : public ApiCoreTest {
 protected:
  DashboardWorld() { start(); }
  ~DashboardWorld() override { scope_.reset(); }

  // A role's request; kNone has no token. Its reply comes into the place that is returned.
  Reply& request(UserRole role, std::string method, std::string target, std::string body = "",
                 http::Headers headers = {}) {
    if (role != UserRole::kNone) headers.emplace_back("X-Auth-Token", token(role));
    http::Request request{.method = std::move(method),
                          .target = std::move(target),
                          .headers = std::move(headers),
                          .body = std::move(body),
                          .client = {"127.0.0.1", 4711},
                          .received = loop_.wall_now(),
                          .received_at = loop_.now()};
    pages_.push_back(std::make_unique<Reply>());
    scope_->spawn(run_front(&front_, std::move(request), pages_.back().get()));
    settle();
    return *pages_.back();
  }
  // One that needs no controller.
  http::Response get(std::string target, http::Headers headers = {}, UserRole role = UserRole::kNone) {
    return request(role, "GET", std::move(target), "", std::move(headers)).value_or(http::Response{.status = 0});
  }
  static std::string header(const http::Response& response, std::string_view name) {
    const std::string* value = http::find_header(response.headers, name);
    return value == nullptr ? "" : *value;
  }
  static openstack::Json json_of(std::string_view text) {
    std::optional<openstack::Json> json = openstack::parse_json(text);
    EXPECT_TRUE(json) << text;
    return json.value_or(openstack::Json::object());
  }
  // The stream's next piece; nothing while there is none.
  std::optional<std::string>& read(http::BodySource& source, size_t most = 1 << 20) {
    pieces_.push_back(std::make_unique<std::optional<std::string>>());
    scope_->spawn(run_read(&source, most, pieces_.back().get()));
    settle();
    return *pieces_.back();
  }
  void pass(Duration time) { loop_.run_until(loop_.now() + time); }

  DashboardFront front_{loop_, core_, {.max_streams = 4, .max_streams_of_user = 2}};
  std::vector<std::unique_ptr<Reply>> pages_;
  std::vector<std::unique_ptr<std::optional<std::string>>> pieces_;
};

}  // namespace kilonova::api::dashboard
