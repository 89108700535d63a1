#include "api-server/core/authorise.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/cloud_reset.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_move.h"
#include "domain/nouns/service.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"
#include "domain/user_role.h"

namespace kilonova::api {
namespace {

using Operations = std::vector<std::pair<ApiRequest, UserRole>>;

// Those of groups: of hosts, and of servers.
Operations group_operations() {
  using enum UserRole;
  return {{ListAggregates{}, kAdmin},    {CreateAggregate{}, kAdmin},    {SetAggregate{}, kAdmin},
          {DeleteAggregate{}, kAdmin},   {AddAggregateHost{}, kAdmin},   {RemoveAggregateHost{}, kAdmin},
          {CacheAggregateImages{}, kAdmin}, {ReadHostVerdicts{}, kAdmin},
          {ListServerGroups{}, kReader}, {CreateServerGroup{}, kMember}, {DeleteServerGroup{}, kMember},
          {SetHostForcedDown{}, kAdmin},  {DeleteHost{}, kAdmin}};
}

Operations with_groups(Operations operations) {
  for (auto& each : group_operations()) operations.push_back(std::move(each));
  return operations;
}

// What each operation needs, written down here a second time on purpose: a change of policy must change this table too.
const Operations& operations() {
  using enum UserRole;
  static const Operations kOperations = with_groups({{CreateServers{}, kMember},
                                                     {GetServer{}, kReader},
                                                     {ListServers{}, kReader},
                                                     {DeleteServer{}, kMember},
                                                     {SetServer{}, kMember},
                                                     {LockServer{}, kMember},
                                                     {ResetServerState{}, kAdmin},
                                                     {ChangeServerPassword{}, kMember},
                                                     {RescueServer{}, kMember},
                                                     {RebuildServer{}, kMember},
                                                     {StepServer{}, kMember},
                                                     {CreateServerImage{}, kMember},
                                                     {CreateServerBackup{}, kMember},
                                                     {ResizeServer{}, kMember},
                                                     {MigrateServer{}, kAdmin},
                                                     {LiveMigrateServer{}, kAdmin},
                                                     {EvacuateServer{}, kAdmin},
                                                     {UnshelveServer{}, kMember},
                                                     {AttachInterface{}, kMember},
                                                     {DetachInterface{}, kMember},
                                                     {RemoveFixedIp{}, kMember},
                                                     {ListMigrations{}, kAdmin},
                                                     {AbortMigration{}, kAdmin},
                                                     {ForceCompleteMigration{}, kAdmin},
                                                     {GetConsoleOutput{}, kMember},
                                                     {GetConsoleUrl{}, kMember},
                                                     {GetServerDiagnostics{}, kAdmin},
                                                     {ServerAction{}, kMember},
                                                     {GetLaunchRecord{}, kReader},
                                                     {ReadEvents{}, kReader},
                                                     {ListInstanceActions{}, kReader},
                                                     {ListFlavors{}, kReader},
                                                     {CreateFlavor{}, kAdmin},
                                                     {SetFlavor{}, kAdmin},
                                                     {DeleteFlavor{}, kAdmin},
                                                     {ListImages{}, kReader},
                                                     {CreateImage{}, kMember},
                                                     {DeleteImage{}, kMember},
                                                     {ListKeyPairs{}, kReader},
                                                     {CreateKeyPair{}, kMember},
                                                     {DeleteKeyPair{}, kMember},
                                                     {TagKeyPair{}, kMember},
                                                     {ListNetworks{}, kReader},
                                                     {CreateNetwork{}, kMember},
                                                     {DeleteNetwork{}, kMember},
                                                     {ListLeases{}, kReader},
                                                     {ListProjects{}, kAdmin},
                                                     {CreateProject{}, kAdmin},
                                                     {DeleteProject{}, kAdmin},
                                                     {ListUsers{}, kAdmin},
                                                     {CreateUser{}, kAdmin},
                                                     {DeleteUser{}, kAdmin},
                                                     {GrantRole{}, kAdmin},
                                                     {RotateTokenKey{}, kAdmin},
                                                     {GetQuota{}, kReader},
                                                     {SetQuota{}, kAdmin},
                                                     {ListHosts{}, kAdmin},
                                                     {SetHostEnabled{}, kAdmin},
                                                     {SetHostPower{}, kAdmin},
                                                     {ListServices{}, kAdmin},
                                                     {AddFault{}, kAdmin},
                                                     {ListFaults{}, kAdmin},
                                                     {ClearFaults{}, kAdmin},
                                                     {GetCloudStatus{}, kReader},
                                                     {ResetCloud{}, kAdmin},
                                                     {ReadBeliefs{}, kAdmin}});
  return kOperations;
}

RequestContext caller(UserRole role) {
  RequestContext context;
  Random random(1);
  context.user_id = random_uuid(random);
  context.project_id = random_uuid(random);
  context.role = role;
  return context;
}

bool allowed(UserRole role, const ApiRequest& request) {
  auto result = authorise(caller(role), request);
  if (!result) EXPECT_EQ(result.error().code, ErrorCode::kPermissionDenied);
  return result.has_value();
}

TEST(Authorise, TheTableHoldsEveryOperation) {
  std::vector<bool> seen(OperationSet::Types::kSize);
  for (const auto& [request, role] : operations()) seen[request.index()] = true;
  for_each_type(OperationSet::Types{}, [&]<class Request>() {
    bool of_clients = Request::kOperation.asked_by == AskedBy::kClient;
    EXPECT_EQ(seen[ApiRequest(Request{}).index()], of_clients) << Request::kOperation.name;
  });
}

TEST(Authorise, EachOperationTakesItsRoleAndThoseAbove) {
  for (const auto& [request, needed] : operations())
    for (UserRole role : {UserRole::kNone, UserRole::kReader, UserRole::kMember, UserRole::kAdmin})
      EXPECT_EQ(allowed(role, request), role >= needed) << request_name(request) << " as " << to_string(role);
}

TEST(Authorise, NobodyMayAskWhatTheApiServerAsksItself) {
  for (UserRole role : {UserRole::kNone, UserRole::kReader, UserRole::kMember, UserRole::kAdmin})
    for (const ApiRequest& request :
         {ApiRequest(FindUser{.user = "admin"}), ApiRequest(StoreUser{}), ApiRequest(StoreTokenKey{}), ApiRequest(StoreKeyPair{})})
      EXPECT_FALSE(allowed(role, request)) << request_name(request);
}

TEST(Authorise, FieldsThatAreForAdmins) {
  std::vector<ApiRequest> requests{GetServer{.all_projects = true},
                                   ListServers{.all_projects = true},
                                   ListServers{.host = "c1"},
                                   DeleteServer{.all_projects = true},
                                   GetLaunchRecord{.all_projects = true},
                                   ReadEvents{.all_projects = true},
                                   CreateServers{.availability_zone = "nova:c1"},
                                   CreateImage{.is_public = true},
                                   CreateNetwork{.shared = true},
                                   CreateNetwork{.external = true},
                                   GetQuota{.project = "00000000000000000000000000000001"},
                                   ListServerGroups{.all_projects = true},
                                   DeleteServerGroup{.all_projects = true},
                                   ListKeyPairs{.user = "00000000000000000000000000000001"},
                                   CreateKeyPair{.user = "00000000000000000000000000000001"},
                                   DeleteKeyPair{.user = "00000000000000000000000000000001"}};
  for (const ApiRequest& request : requests) {
    EXPECT_FALSE(allowed(UserRole::kMember, request)) << request_name(request);
    EXPECT_TRUE(allowed(UserRole::kAdmin, request)) << request_name(request);
  }
}

TEST(Authorise, TheCallersOwnQuotaIsNotForeign) {
  EXPECT_TRUE(allowed(UserRole::kReader, GetQuota{.project = to_hex(caller(UserRole::kReader).project_id)}));
  EXPECT_TRUE(allowed(UserRole::kReader, GetQuota{.project = to_string(caller(UserRole::kReader).project_id)}));
  EXPECT_TRUE(allowed(UserRole::kMember, CreateServers{.availability_zone = "nova"}));
}

TEST(Authorise, SaysWhatIsMissing) {
  EXPECT_EQ(authorise(caller(UserRole::kReader), CreateServers{}).error().message,
            "CreateServers needs the role member in the project; the token has reader");
  EXPECT_EQ(authorise(caller(UserRole::kMember), ListServers{.all_projects = true}).error().message,
            "ListServers: all_projects needs the role admin; the token has member");
}

}  // namespace
}  // namespace kilonova::api
