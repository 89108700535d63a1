#include "sim/client_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/nouns/server.h"

namespace kilonova::sim {
namespace {

std::string value_of(const Instance& row) {
  return fmt::format(R"({{"server":"{}","vm_state":"{}","task_state":"{}","operation":{}}})", to_string(row.uuid),
                     to_string(row.vm_state), to_string(row.task_state), row.operation);
}

std::string value_of(const std::vector<Instance>& rows) {
  std::string text = "[";
  for (const Instance& row : rows) text += (text.size() == 1 ? "" : ",") + value_of(row);
  return text + "]";
}

std::string value_of(const ApiResponse& response) {
  if (const auto* list = get_if<ServerList>(&response)) return value_of(list->servers);
  if (const auto* created = get_if<CreateServersReply>(&response)) return value_of(created->servers);
  return "null";
}

bool is_unknown(ErrorCode code) { return code == ErrorCode::kDeadlineExceeded; }

}  // namespace

void ClientHistory::add(std::string_view type, uint64_t process, const Uuid& server, std::string_view value,
                        Instant now) {
  const std::string key = server.is_nil() ? "null" : fmt::format("\"{}\"", to_string(server));
  lines_.push_back(fmt::format(R"({{"index":{},"type":"{}","process":{},"f":"{}","key":{},"value":{},"time":{}}})",
                               lines_.size(), type, process, operations_[process], key, value, now.us * 1000));
}

uint64_t ClientHistory::invoked(Instant now, std::string_view operation, const Uuid& server) {
  const uint64_t call = calls_++;
  if (!keeps_) return call;
  operations_.emplace_back(operation);
  add("invoke", call, server, "null", now);
  return call;
}

void ClientHistory::answered(uint64_t call, Instant now, const Uuid& server, const Expected<ApiResponse>& result) {
  if (!keeps_) return;
  if (result) return add("ok", call, server, value_of(*result), now);
  const std::string code = fmt::format("\"{}\"", to_string(result.error().code));
  add(is_unknown(result.error().code) ? "info" : "fail", call, server, code, now);
}

}  // namespace kilonova::sim
