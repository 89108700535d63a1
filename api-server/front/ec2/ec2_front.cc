#include "api-server/front/ec2/ec2_front.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/core/http_faults.h"
#include "api-server/front/ec2/access_keys.h"
#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/signature.h"
#include "api-server/front/ec2/xml.h"
#include "api-server/front/openstack/request_meta.h"
#include "base/ids.h"
#include "domain/form_rules.h"
#include "http/target.h"
#include "runtime/keyed_lock.h"

namespace kilonova::api::ec2 {
namespace {

constexpr std::string_view kXml = "text/xml;charset=UTF-8";
constexpr std::string_view kVersion = "2016-11-15";

http::Response response_of(unsigned status, std::string body) {
  return {status, {{"Content-Type", std::string(kXml)}}, std::move(body)};
}

// The version that the client speaks names the reply's namespace; whatever it is, it is answered as this one.
std::string version_of(const Parameter& parameters) {
  std::string version = parameters.text("Version");
  const bool is_date = version.size() == kVersion.size() &&
                       std::ranges::all_of(version, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
  return is_date ? version : std::string(kVersion);
}

Result<const Action*> action_of(const Parameter& parameters, UserRole role) {
  auto name = required(parameters, "Action");
  if (!name) return std::unexpected(std::move(name.error()));
  const Action* action = find_action(*name);
  if (action == nullptr)
    return refused("InvalidAction", fmt::format("The action {} is not valid for this web service.", in_quotes(*name)));
  if (role < action->role)
    return refused("UnauthorizedOperation", "You are not authorized to perform this operation.", 403);
  if (auto checked = check_parameters(*action, parameters); !checked)
    return std::unexpected(std::move(checked.error()));
  auto dry_run = boolean_of(parameters, "DryRun");
  if (!dry_run) return std::unexpected(std::move(dry_run.error()));
  if (*dry_run) return refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  return action;
}

// Of the URL and of the body: SDKs use the one or the other.
std::string form_of(const http::Request& request, const http::Target& target) {
  if (request.method != "POST") return target.raw_query;
  return target.raw_query.empty() ? request.body : target.raw_query + "&" + request.body;
}

// SDKs try again after these.
std::string code_of_fault(unsigned status) {
  if (status == 429) return "RequestLimitExceeded";
  return status == 503 ? "Unavailable" : "InternalError";
}

}  // namespace

struct Ec2Front::State {
  Loop& loop;
  ApiCore& core;
  ImageFiles* image_files;
  AccessKeys keys = {};
  KeyedLock<Uuid> names = KeyedLock<Uuid>(loop);

  // The parameters of a request whose signature is right; the call is its caller's then.
  Task<Result<Parameter>> read(openstack::Call& call);
  Task<Result<std::string>> answer(openstack::Call& call, const Parameter& parameters, const Action& action,
                                   std::string request_id);
  Task<http::Response> answer_struck(openstack::Call& call, std::string request_id);
};

Task<Result<Parameter>> Ec2Front::State::read(openstack::Call& call) {
  if (call.request.method != "POST" && call.request.method != "GET")
    co_return refused("InvalidRequest",
                      fmt::format("EC2 is asked by GET or POST, not by {}.", in_quotes(call.request.method)), 405);
  auto form = parse_form(form_of(call.request, call.target));
  if (!form) co_return std::unexpected(std::move(form.error()));
  openstack::Call own = openstack::as_itself(call);
  auto opened = co_await keys.open(own, *form);
  if (!opened) co_return std::unexpected(std::move(opened.error()));
  call.meta.token = std::move(opened->token);
  call.caller = std::move(opened->claims);
  std::erase_if(*form, [](const auto& parameter) { return is_of_signature(parameter.first); });
  co_return parse_parameters(*form);
}

Task<Result<std::string>> Ec2Front::State::answer(openstack::Call& call, const Parameter& parameters,
                                                  const Action& action, std::string request_id) {
  // EC2 knows no administrator: a credential opens its project, and what is another's is nobody's.
  call.caller.role = std::min(call.caller.role, UserRole::kMember);
  pugi::xml_document document;
  const std::string root = fmt::format("{}Response", action.name);
  Xml reply = document.append_child(root.c_str());
  reply.append_attribute("xmlns").set_value(
      fmt::format("http://ec2.amazonaws.com/doc/{}/", version_of(parameters)).c_str());
  add(reply, "requestId", request_id);
  Ec2Call asked{call, parameters, names};
  auto answered = co_await action.handler(asked, reply);
  if (!answered) co_return std::unexpected(std::move(answered.error()));
  co_return to_text(document);
}

// What fault rules do to the request comes before what it asks for: a rule may be a project's, and a stranger's request
// is struck by those that are nobody's.
Task<http::Response> Ec2Front::State::answer_struck(openstack::Call& call, std::string request_id) {
  auto parameters = co_await read(call);
  StruckRequest struck;
  if (!core.http_faults().empty())
    struck = co_await core.http_faults().strike(call.request.method, call.target.path, call.caller.project_id);
  http::Response response;
  if (struck.drops) {
    response.hangs_up = true;
    co_return response;
  }
  if (struck.fails) {
    const openstack::Refusal why = openstack::refusal_of(*struck.fails);
    co_return response_of(why.status, error_body({code_of_fault(why.status), why.message}, request_id));
  }
  auto action = parameters ? action_of(*parameters, call.caller.role)
                           : Result<const Action*>(std::unexpected(std::move(parameters.error())));
  auto body = action ? co_await answer(call, *parameters, **action, request_id)
                     : Result<std::string>(std::unexpected(std::move(action.error())));
  response = body ? response_of(200, std::move(*body))
                  : response_of(body.error().status, error_body(body.error(), request_id));
  if (action) response.route = (*action)->name;
  response.hangs_up = struck.loses_reply;
  co_return response;
}

Ec2Front::Ec2Front(Loop& loop, ApiCore& core, ImageFiles* image_files) : state_(new State{loop, core, image_files}) {}

Ec2Front::~Ec2Front() = default;

bool Ec2Front::takes(const http::Request& head) {
  // Most requests are OpenStack's, and are not taken apart twice.
  const std::string& text = head.target;
  if (!text.starts_with("/ec2") && !text.starts_with("/services/") && !text.starts_with("http")) return false;
  std::optional<http::Target> target = http::parse_target(head.target);
  if (!target) return false;
  const std::vector<std::string>& path = target->path;
  return (path.size() == 1 && path[0] == "ec2") || (path.size() == 2 && path[0] == "services" && path[1] == "Cloud");
}

Task<http::Response> Ec2Front::handle(http::Request request) {
  std::optional<http::Target> target = http::parse_target(request.target);
  if (!target || target->path.empty()) co_return response_of(404, "");
  openstack::Call call{.loop = state_->loop,
                       .core = state_->core,
                       .request = request,
                       .target = *target,
                       .service = openstack::Service::kCompute,
                       .meta = openstack::read_request_meta(request),
                       .base = openstack::base_url(request, "127.0.0.1"),
                       .image_files = state_->image_files};
  call.meta.token.clear();  // a signature alone opens this door
  state_->core.complete_trace(call.meta.trace);
  std::string request_id = to_string(call.meta.trace.request_id);
  http::Response response = co_await state_->answer_struck(call, request_id);
  response.headers.emplace_back("x-amzn-RequestId", std::move(request_id));
  co_return response;
}

}  // namespace kilonova::api::ec2
