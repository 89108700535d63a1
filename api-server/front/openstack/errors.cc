#include "api-server/front/openstack/errors.h"

#include <fmt/format.h>

#include "api-server/front/openstack/placement/errors.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kNoAuthentication = "The request you have made requires authentication.";
constexpr std::string_view kNoResource = "The resource could not be found.";
constexpr std::string_view kWebobTail = "<br /><br />\n\n\n";  // webob's template around every text

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kOutOfRange: return 400;
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kQuotaExceeded: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict: return 409;
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kDeadlineExceeded: return 504;
    case ErrorCode::kUnimplemented: return 501;
    case ErrorCode::kNoValidHost:
    case ErrorCode::kDataLoss:
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

http::Response json_response(unsigned status, const Json& body, std::string type = "application/json") {
  return {status, {{"Content-Type", std::move(type)}}, to_text(body)};
}

Json webob_body(unsigned status, std::string_view message) {
  std::string_view reason = http::reason_of(status);
  return {{"message", fmt::format("{}{}", message, kWebobTail)},
          {"code", fmt::format("{} {}", status, reason)},
          {"title", reason}};
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

http::Response webob_response(unsigned status, std::string_view message, std::string_view accept) {
  if (accept.find("application/json") != std::string_view::npos)
    return json_response(status, webob_body(status, message));
  std::string_view reason = http::reason_of(status);
  return {status,
          {{"Content-Type", "text/html; charset=UTF-8"}},
          fmt::format("<html>\n <head>\n  <title>{0} {1}</title>\n </head>\n <body>\n  <h1>{0} {1}</h1>\n  {2}{3}\n\n "
                      "</body>\n</html>",
                      status, reason, html_escaped(message), kWebobTail)};
}

}  // namespace

Refusal refusal_of(const Error& error) {
  Refusal refusal{status_of(error.code), error.message};
  if (refusal.status == 503) refusal.headers.emplace_back("Retry-After", "1");
  return refusal;
}

Refusal refusal_of(const FaultRule& rule) {
  const auto status = static_cast<unsigned>(rule.status);
  std::string message = rule.message;
  if (message.empty()) message = fmt::format("Injected fault: {} {}.", status, http::reason_of(status));
  Refusal refusal{status, std::move(message)};
  if (rule.retry_after >= 0) refusal.headers.emplace_back("Retry-After", std::to_string(rule.retry_after));
  return refusal;
}

std::string_view nova_error_name(unsigned status) {
  switch (status) {
    case 400: return "badRequest";
    case 401: return "unauthorized";
    case 403: return "forbidden";
    case 404: return "itemNotFound";
    case 405: return "badMethod";
    case 409: return "conflictingRequest";
    case 413:
    case 429: return "overLimit";
    case 415: return "badMediaType";
    case 501: return "notImplemented";
    case 503: return "serviceUnavailable";
    default: return "computeFault";
  }
}

http::Response error_response(Service service, const Refusal& refusal, std::string_view accept,
                              std::string_view request_id) {
  http::Response response;
  switch (service) {
    case Service::kCompute:
      response = json_response(
          refusal.status, {{nova_error_name(refusal.status), {{"code", refusal.status}, {"message", refusal.message}}}},
          "application/json; charset=UTF-8");
      break;
    case Service::kIdentity:
      response = json_response(
          refusal.status,
          {{"error",
            {{"code", refusal.status}, {"message", refusal.message}, {"title", http::reason_of(refusal.status)}}}});
      break;
    case Service::kNetwork:
      response = json_response(
          refusal.status,
          {{"NeutronError",
            {{"type", refusal.type.empty() ? "HTTP" + std::string(http::reason_of(refusal.status)) : refusal.type},
             {"message", refusal.message},
             {"detail", ""}}}});
      break;
    case Service::kImage: response = webob_response(refusal.status, refusal.message, accept); break;
    case Service::kPlacement: response = placement_error(refusal, request_id, 0); break;
  }
  for (const auto& header : refusal.headers) response.headers.push_back(header);
  return response;
}

http::Response unauthorized(std::string_view identity) {
  http::Response response =
      json_response(401, {{"error", {{"code", 401}, {"title", "Unauthorized"}, {"message", kNoAuthentication}}}});
  response.headers.emplace_back("WWW-Authenticate", fmt::format("Keystone uri=\"{}\"", identity));
  return response;
}

http::Response no_route(Service service, std::string_view accept, std::string_view request_id) {
  if (service == Service::kCompute) return json_response(404, webob_body(404, kNoResource));
  if (service == Service::kNetwork) return webob_response(404, kNoResource, accept);
  return error_response(service, {404, std::string(kNoResource)}, accept, request_id);
}

}  // namespace kilonova::api::openstack
