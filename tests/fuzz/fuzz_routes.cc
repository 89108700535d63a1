// Requests of any form to the HTTP front of a whole simulated cloud, one after another: each is answered, none with a
// fault of the cloud's own, and every body that says it is JSON is.
//
//   METHOD TARGET\n
//   BODY\0
//   METHOD TARGET\n
//   ...
//
// A '$' in a target or a body is the id of what the reply before was about: so a request finds what an earlier one made.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/openstack_front.h"
#include "sim/cloud.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kilonova;

constexpr size_t kRequests = 8;
constexpr size_t kMostBody = 16 << 10;
// Longer than anything that a request waits for.
constexpr Duration kPatience = seconds(600);
using Reply = std::optional<http::Response>;

Task<void> run(api::openstack::OpenstackFront* front, http::Request request, Reply* reply) {
  *reply = co_await front->handle(std::move(request));
}

Task<void> log_in(api::ApiCore* core, std::optional<Expected<api::LoginReply>>* login) {
  *login = co_await core->login({}, {.user = "admin", .password = "kilonova", .project = "admin"});
}

class FrontOfACloud {
 public:
  FrontOfACloud() : cloud_(options()) {
    cloud_.start();
    cloud_.run_for(seconds(30));
    front_.emplace(cloud_.api().loop(), *cloud_.api().core(), api::openstack::FrontOptions{});
    std::optional<Expected<api::LoginReply>> login;
    cloud_.api().clients().spawn(log_in(cloud_.api().core(), &login));
    cloud_.run_for(seconds(5));
    KN_CHECK(login && login->has_value(), "the administrator logs in");
    token_ = (*login)->token;
  }
  // The flows are the front's: they end before it.
  ~FrontOfACloud() { cloud_.kill_all(); }

  http::Response ask(std::string method, std::string target, std::string body) {
    http::Headers headers{{"Host", "here:8774"}, {"OpenStack-API-Version", "compute latest, placement latest"}};
    if (!token_.empty()) headers.emplace_back("X-Auth-Token", token_);
    const bool is_patch = target.starts_with("/image") && method == "PATCH";
    if (!body.empty())
      headers.emplace_back("Content-Type",
                           is_patch ? "application/openstack-images-v2.1-json-patch" : "application/json");
    Loop& loop = cloud_.api().loop();
    http::Request request{.method = std::move(method),
                          .target = std::move(target),
                          .headers = std::move(headers),
                          .body = std::move(body),
                          .client = {"127.0.0.1", 4711},
                          .received = loop.wall_now(),
                          .received_at = loop.now()};
    Reply reply;
    cloud_.api().clients().spawn(run(&*front_, std::move(request), &reply));
    for (Duration waited; !reply && waited < kPatience; waited = waited + seconds(1)) cloud_.run_for(seconds(1));
    KN_CHECK(reply.has_value(), "a request is answered");
    return std::move(*reply);
  }

 private:
  static sim::CloudOptions options() {
    sim::CloudOptions options;
    options.hosts = 2;
    options.compute_processes = 1;
    options.schedulers = 1;
    return options;
  }

  sim::SimCloud cloud_;
  std::optional<api::openstack::OpenstackFront> front_;
  std::string token_;
};

std::string id_of(const api::openstack::Json& object) {
  for (const char* key : {"id", "uuid"})
    if (const api::openstack::Json* id = object.is_object() ? api::openstack::member(object, key) : nullptr)
      return id->is_string() ? id->get<std::string>() : api::openstack::to_text(*id);
  return "";
}

// Of {"id": ...}, of {"server": {"id": ...}}, or of the first in {"servers": [{"id": ...}]}; "" where there is none.
std::string id_in(const std::string& body) {
  auto json = api::openstack::parse_json(body);
  if (!json || !json->is_object()) return "";
  if (std::string id = id_of(*json); !id.empty()) return id;
  for (const auto& [name, value] : json->items())
    if (std::string id = id_of(value.is_array() && !value.empty() ? value.front() : value); !id.empty()) return id;
  return "";
}

std::string with_id(std::string_view text, const std::string& id) {
  std::string filled;
  for (char c : text) c == '$' ? filled += id : filled += c;
  return filled;
}

void check(const http::Response& reply) {
  // 501 and 503 say what this cloud does not do, or not now; 504 that somebody took too long.
  KN_CHECK(reply.status >= 200 && reply.status != 500 && reply.status != 502, "no request is a fault of the cloud's");
  for (const auto& [name, value] : reply.headers)
    if (name == "Content-Type" && value.starts_with("application/json") && !reply.body.empty())
      KN_CHECK(api::openstack::parse_json(reply.body).has_value(), "a body that says it is JSON is");
}

}  // namespace

KN_FUZZ_TARGET(fuzz_routes) {
  if (bytes.empty()) return;
  FrontOfACloud front;
  std::string last_id;
  for (size_t count = 0; count < kRequests && !bytes.empty(); ++count) {
    std::string_view text = kilonova::fuzz::take_text(bytes);
    const std::string_view line = text.substr(0, text.find('\n'));
    std::string_view body = text.substr(std::min(text.size(), line.size() + 1)).substr(0, kMostBody);
    if (body == "\n") body = {};
    const size_t space = line.find(' ');
    if (space == line.npos) return;
    http::Response reply =
        front.ask(std::string(line.substr(0, space)), with_id(line.substr(space + 1), last_id), with_id(body, last_id));
    check(reply);
    if (std::string id = id_in(reply.body); !id.empty()) last_id = std::move(id);
  }
}
