#include "api-server/front/openstack/placement/errors.h"

#include <fmt/format.h>

#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/placement/request.h"

namespace kilonova::api::openstack {
namespace {

// webob's sentence for a status, which stands before each message.
std::string_view explanation_of(unsigned status) {
  switch (status) {
    case 400:
      return "The server could not comply with the request since it is either malformed or otherwise incorrect.";
    case 403: return "Access was denied to this resource.";
    case 404: return "The resource could not be found.";
    case 405: return "The method is not allowed for this resource.";
    case 406:
      return "The resource could not be generated that was acceptable to your browser (content of type "
             "application/json. ";
    case 409: return "There was a conflict when trying to complete your request.";
    case 415: return "The request media type is not supported by this server.";
    case 503: return "The server is currently unavailable. Please try again at a later time.";
    default: return "The server has either erred or is incapable of performing the requested operation.";
  }
}

}  // namespace

http::Response placement_error(const Refusal& refusal, std::string_view request_id, Minor minor) {
  std::string_view explanation = explanation_of(refusal.status);
  std::string_view message = refusal.message == explanation ? std::string_view() : refusal.message;
  Json error{{"status", refusal.status},
             {"title", http::reason_of(refusal.status)},
             {"detail", fmt::format("{}\n\n {}  ", explanation, message)}};
  if (minor >= v1(23)) error["code"] = refusal.type.empty() ? "placement.undefined_code" : refusal.type;
  error["request_id"] = request_id;
  if (refusal.status == 406 && minor == 0) {
    error["max_version"] = fmt::format("1.{}", kLastPlacementMinor);
    error["min_version"] = "1.0";
  }
  http::Response response{
      refusal.status, {{"Content-Type", "application/json"}}, to_text({{"errors", Json::array({std::move(error)})}})};
  for (const auto& header : refusal.headers) response.headers.push_back(header);
  return response;
}

}  // namespace kilonova::api::openstack
