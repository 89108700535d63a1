// What a client sends to the public service, up to where the controller would be asked. The first byte picks the method.
#include <string_view>

#include "api-server/core/authorise.h"
#include "domain/api.h"
#include "domain/operation.h"
#include "domain/user_role.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/operations.h"
#include "tests/fuzz/fuzz.h"

namespace kilonova {
namespace {

template <class Operation, class Request>
void receive(std::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  Expected<Operation> decoded = rpc::from_public<Operation>(request);
  if (!decoded) {
    KN_CHECK(!decoded.error().message.empty(), "a refusal says why");
    return;
  }
  for (UserRole role : {UserRole::kNone, UserRole::kReader, UserRole::kMember, UserRole::kAdmin}) {
    RequestContext context;
    context.role = role;
    bool allowed = api::authorise(context, *decoded).has_value();
    KN_CHECK(!allowed || role >= Operation::kOperation.role, "nobody may what needs a higher role");
  }
  if (Expected<> valid = decoded->check(); !valid)
    KN_CHECK(valid.error().code == ErrorCode::kInvalidArgument, "a wrong form is an invalid argument");
}

using Receive = void (*)(std::string_view);
constexpr Receive kMethods[] = {
#define KN_METHOD(Name) &receive<Name, v1::Name##Request>,
    KN_OPERATIONS(METHODS, KN_METHOD)
#undef KN_METHOD
};

}  // namespace
}  // namespace kilonova

KN_FUZZ_TARGET(fuzz_public_request) {
  if (bytes.empty()) return;
  kilonova::kMethods[static_cast<uint8_t>(bytes[0]) % std::size(kilonova::kMethods)](bytes.substr(1));
}
