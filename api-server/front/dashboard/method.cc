#include "api-server/front/dashboard/method.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <map>
#include <utility>

#include "domain/form_rules.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/operations.h"
#include "rpc/convert/utf8.h"

namespace kilonova::api::dashboard {
namespace {

namespace json = google::protobuf::util;

Expected<> read_message(std::string_view text, google::protobuf::Message* message) {
  if (text.empty()) return {};
  const std::string& type = message->GetDescriptor()->name();
  if (!rpc::is_utf8(text)) return fail(ErrorCode::kInvalidArgument, fmt::format("{}: the body is not UTF-8", type));
  const auto status = json::JsonStringToMessage({text.data(), text.size()}, message);
  if (status.ok()) return {};
  const auto why = status.message();
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the body is no {} in JSON: {}", type, in_quotes({why.data(), why.size()})));
}

std::string write_message(const google::protobuf::Message& message) {
  json::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  // It fails for texts that are not UTF-8 alone, which no codec puts into a message.
  if (!json::MessageToJsonString(message, &text, options).ok()) text.clear();
  return text;
}

template <class Operation, class Request>
ClientRequest read(std::string_view text) {
  Request message;
  Expected<Operation> decoded;
  if (auto read = read_message(text, &message); read)
    decoded = rpc::from_public<Operation>(message);
  else
    decoded = std::unexpected(std::move(read.error()));
  if (decoded) return {.request = std::move(*decoded), .malformed = {}};
  return {.request = Operation{}, .malformed = std::move(decoded.error())};
}

template <class Operation, class Reply>
Expected<std::string> write(const ClientReply& reply) {
  const auto audience = reply.role >= UserRole::kAdmin ? rpc::Audience::kAdmin : rpc::Audience::kUser;
  Reply message;
  const auto* answer = get_if<typename Operation::Reply>(&*reply.result);
  if (answer == nullptr || !rpc::to_public(*answer, audience, &message))
    return fail(ErrorCode::kInternal, fmt::format("what was answered is no answer to {}", Operation::kOperation.name));
  if constexpr (requires { message.set_private_key(reply.private_key); }) message.set_private_key(reply.private_key);
  return write_message(message);
}

#define KN_METHOD_ROW(Name) \
  {#Name, {&read<kilonova::Name, v1::Name##Request>, &write<kilonova::Name, v1::Name##Reply>}},
const std::map<std::string_view, Method> kMethods{KN_OPERATIONS(METHODS, KN_METHOD_ROW)};
#undef KN_METHOD_ROW

}  // namespace

const Method* find_method(std::string_view name) {
  const auto found = kMethods.find(name);
  return found == kMethods.end() ? nullptr : &found->second;
}

}  // namespace kilonova::api::dashboard
