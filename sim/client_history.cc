#include "sim/client_history.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "domain/nouns/fault_rule.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_interface.h"
#include "domain/nouns/server_move.h"
#include "domain/nouns/server_request.h"
#include "domain/server_actions.h"
#include "sim/record_names.h"
#include "store/overloaded.h"

namespace kilonova::sim {
namespace {

using Json = nlohmann::ordered_json;

// What is asked besides the server, as far as a model of the cloud steps by it; null where the name of the call says all.
Json input_of(const ApiRequest& request) {
  return visit(
      Overloaded{
          [](const CreateServers& create) {
            return Json{{"name", create.name}, {"count", create.max_count}, {"token", create.client_token}};
          },
          [](const ServerAction& action) { return Json{{"action", std::string(find_action(action.action)->name)}}; },
          [](const ResetServerState& reset) { return Json{{"vm_state", std::string(to_string(reset.state))}}; },
          [](const ResizeServer& resize) { return Json{{"flavor", resize.flavor}}; },
          [](const AttachInterface& attach) { return Json{{"network", attach.network}}; },
          [](const DetachInterface& detach) { return Json{{"interface", detach.interface}}; },
          [](const ListServers& list) { return Json{{"marker", list.marker}, {"limit", list.limit}}; },
          [](const CreateNetwork& create) { return Json{{"name", create.name}, {"cidr", create.cidr}}; },
          [](const CreateImage& create) { return Json{{"name", create.name}}; },
          [](const CreateKeyPair& create) { return Json{{"name", create.name}}; },
          [](const CreateProject& create) { return Json{{"name", create.name}}; },
          [](const DeleteNetwork& remove) { return Json{{"id", remove.network}}; },
          [](const DeleteImage& remove) { return Json{{"id", remove.image}}; },
          [](const DeleteKeyPair& remove) { return Json{{"id", remove.name}}; },
          [](const DeleteProject& remove) { return Json{{"id", remove.project}}; },
          [](const SetQuota& set) { return Json{{"project", set.project}, {"instances", set.quota.instances}}; },
          [](const ResetCloud& reset) { return Json{{"token", reset.client_token}}; },
          [](const auto&) { return Json(); }},
      request);
}

Json value_of(const std::vector<Instance>& rows) {
  Json all = Json::array();
  for (const Instance& row : rows)
    all.push_back({{"server", to_string(row.uuid)},
                   {"vm_state", std::string(to_string(row.vm_state))},
                   {"task_state", std::string(to_string(row.task_state))},
                   {"operation", row.operation}});
  return all;
}

Json value_of(const ApiResponse& response) {
  if (const auto* list = get_if<ServerList>(&response)) return value_of(list->servers);
  if (const auto* created = get_if<CreateServersReply>(&response)) return value_of(created->servers);
  Json all = Json::array();
  for (const RecordName& record : names_in(response)) all.push_back({{"id", record.id}, {"name", record.name}});
  return all.empty() ? Json() : all;
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

bool is_unknown(ErrorCode code) { return code == ErrorCode::kDeadlineExceeded; }

}  // namespace

void ClientHistory::add(std::string_view type, uint64_t process, const Uuid& server, std::string_view value,
                        Instant now) {
  const std::string key = server.is_nil() ? "null" : fmt::format("\"{}\"", to_string(server));
  lines_.push_back(fmt::format(R"({{"index":{},"type":"{}","process":{},"f":"{}","key":{},"value":{},"time":{}}})",
                               lines_.size(), type, process, operations_[process], key, value, now.us * 1000));
}

uint64_t ClientHistory::invoked(Instant now, const ApiRequest& request, const Uuid& server) {
  const uint64_t call = calls_++;
  if (!keeps_) return call;
  operations_.emplace_back(request_name(request));
  add("invoke", call, server, text_of(input_of(request)), now);
  return call;
}

void ClientHistory::answered(uint64_t call, Instant now, const Uuid& server, const Expected<ApiResponse>& result) {
  if (!keeps_) return;
  if (result) return add("ok", call, server, text_of(value_of(*result)), now);
  const std::string code = fmt::format("\"{}\"", to_string(result.error().code));
  add(is_unknown(result.error().code) ? "info" : "fail", call, server, code, now);
}

}  // namespace kilonova::sim
