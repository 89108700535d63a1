#include <fmt/format.h>

#include "rpc/convert/codecs.h"
#include "rpc/convert/public_api.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {
namespace {

std::unexpected<Error> wrong_answer(std::string_view reply, std::string_view what) {
  return fail(ErrorCode::kInternal, fmt::format("no {} can be made of the answer: {}", reply, what));
}

// `fill` gets the alternative that must be there.
template <class Answer, class Reply, class Fill>
Expected<> answer(const ApiResponse& response, Reply*, Fill fill) {
  const auto* answer = std::get_if<Answer>(&response);
  if (!answer)
    return wrong_answer(Reply::descriptor()->name(),
                        fmt::format("it is alternative {} of ApiResponse", response.index()));
  fill(*answer);
  return {};
}

// Likewise with the first of its list.
template <class Answer, class Reply, class List, class Fill>
Expected<> answer_first(const ApiResponse& response, Reply* reply, List list, Fill fill) {
  bool found = false;
  auto result = answer<Answer>(response, reply, [&](const Answer& answer) {
    found = !(answer.*list).empty();
    if (found) fill((answer.*list).front());
  });
  if (result && !found) return wrong_answer(Reply::descriptor()->name(), "its list is empty");
  return result;
}

constexpr auto kToView = [](const auto& value, auto* view) { to_view(value, view); };
constexpr auto kEncode = [](const auto& value, auto* proto) { encode(value, proto); };

template <class T, class Views, class Convert>
void add_all(const std::vector<T>& values, Views* views, Convert convert) {
  views->Reserve(static_cast<int>(values.size()));
  for (const T& value : values) convert(value, views->Add());
}

}  // namespace

// ---- servers

Expected<> to_public(const ApiResponse& response, Audience audience, v1::CreateServersReply* reply) {
  return answer<CreateServersReply>(response, reply, [&](const CreateServersReply& created) {
    for (const Instance& server : created.servers) to_view(server, audience, reply->add_servers());
    put_text(created.reservation_id, reply->mutable_reservation_id());
    reply->set_revision(created.revision);
  });
}

Expected<> to_public(const ApiResponse& response, Audience audience, v1::GetServerReply* reply) {
  return answer_first<ServerList>(response, reply, &ServerList::servers,
                                  [&](const Instance& server) { to_view(server, audience, reply->mutable_server()); });
}

Expected<> to_public(const ApiResponse& response, Audience audience, v1::ListServersReply* reply) {
  return answer<ServerList>(response, reply, [&](const ServerList& list) {
    for (const Instance& server : list.servers) to_view(server, audience, reply->add_servers());
    reply->set_more(list.more);
  });
}

Expected<> to_public(const ApiResponse& response, Audience audience, v1::GetLaunchRecordReply* reply) {
  return answer<LaunchRecord>(response, reply, [&](const LaunchRecord& record) {
    to_view(record.server, audience, reply->mutable_server());
    auto to_seen = [audience](const auto& value, auto* view) { to_view(value, audience, view); };
    add_all(record.steps, reply->mutable_steps(), to_seen);
    add_all(record.decisions, reply->mutable_decisions(), to_seen);
  });
}

Expected<> to_public(const ApiResponse& response, Audience audience, v1::ReadEventsReply* reply) {
  return answer<EventList>(response, reply, [&](const EventList& list) {
    for (const WatchEvent& event : list.events) to_view(event, audience, reply->add_events());
    reply->set_revision(list.revision);
  });
}

// ---- lists, and the replies of creates: the one that was made

// The alternative's list, the reply's list, how an item is shown.
#define KN_LIST_REPLY(Name, Answer, member, field, convert)                                                      \
  Expected<> to_public(const ApiResponse& response, Audience, v1::Name##Reply* reply) {                          \
    return answer<Answer>(response, reply,                                                                       \
                          [&](const Answer& list) { add_all(list.member, reply->mutable_##field(), convert); }); \
  }
#define KN_FIRST_REPLY(Name, Answer, member, field, convert)                                         \
  Expected<> to_public(const ApiResponse& response, Audience, v1::Name##Reply* reply) {              \
    return answer_first<Answer>(response, reply, &Answer::member,                                    \
                                [&](const auto& item) { convert(item, reply->mutable_##field()); }); \
  }
KN_LIST_REPLY(ListFlavors, FlavorList, flavors, flavors, kEncode)
KN_FIRST_REPLY(CreateFlavor, FlavorList, flavors, flavor, kEncode)
KN_LIST_REPLY(ListImages, ImageList, images, images, kToView)
KN_FIRST_REPLY(CreateImage, ImageList, images, image, kToView)
KN_LIST_REPLY(ListKeyPairs, KeyPairList, key_pairs, key_pairs, kToView)
KN_FIRST_REPLY(CreateKeyPair, KeyPairList, key_pairs, key_pair, kToView)
KN_FIRST_REPLY(CreateNetwork, NetworkList, networks, network, kToView)
KN_LIST_REPLY(ListLeases, LeaseList, leases, leases, kToView)
KN_LIST_REPLY(ListProjects, ProjectList, projects, projects, kToView)
KN_FIRST_REPLY(CreateProject, ProjectList, projects, project, kToView)
KN_FIRST_REPLY(CreateUser, UserList, users, user, kToView)
KN_LIST_REPLY(ListHosts, HostList, hosts, hosts, kToView)
KN_LIST_REPLY(ListServices, ServiceList, services, services, kToView)
KN_FIRST_REPLY(AddFault, FaultList, rules, rule, kEncode)
KN_LIST_REPLY(ListFaults, FaultList, rules, rules, kEncode)
#undef KN_LIST_REPLY
#undef KN_FIRST_REPLY

Expected<> to_public(const ApiResponse& response, Audience, v1::ListNetworksReply* reply) {
  return answer<NetworkList>(response, reply, [&](const NetworkList& list) {
    for (size_t i = 0; i < list.networks.size(); ++i) {
      v1::Network* view = reply->add_networks();
      to_view(list.networks[i], view);
      if (i < list.used.size()) view->set_addresses_used(list.used[i]);
    }
  });
}

Expected<> to_public(const ApiResponse& response, Audience, v1::ListUsersReply* reply) {
  return answer<UserList>(response, reply, [&](const UserList& list) {
    add_all(list.users, reply->mutable_users(), kToView);
    add_all(list.roles, reply->mutable_roles(), kToView);
  });
}

// ---- single values

#define KN_QUOTA_REPLY(Name)                                                            \
  Expected<> to_public(const ApiResponse& response, Audience, v1::Name##Reply* reply) { \
    return answer<QuotaReply>(response, reply, [&](const QuotaReply& quota) {           \
      to_view(quota.quota, reply->mutable_quota());                                     \
      to_view(quota.usage, reply->mutable_usage());                                     \
    });                                                                                 \
  }
KN_QUOTA_REPLY(GetQuota)
KN_QUOTA_REPLY(SetQuota)
#undef KN_QUOTA_REPLY

Expected<> to_public(const ApiResponse& response, Audience, v1::GetCloudStatusReply* reply) {
  return answer<CloudStatus>(response, reply,
                             [&](const CloudStatus& status) { encode(status, reply->mutable_status()); });
}

Expected<> to_public(const ApiResponse& response, Audience, v1::ReadBeliefsReply* reply) {
  return answer<BeliefPage>(response, reply, [&](const BeliefPage& page) { encode(page, reply->mutable_page()); });
}

// ---- nothing to say

#define KN_EMPTY_REPLY(Name)                                                            \
  Expected<> to_public(const ApiResponse& response, Audience, v1::Name##Reply* reply) { \
    return answer<Empty>(response, reply, [](const Empty&) {});                         \
  }
KN_EMPTY_REPLY(DeleteServer)
KN_EMPTY_REPLY(ServerAction)
KN_EMPTY_REPLY(DeleteFlavor)
KN_EMPTY_REPLY(DeleteImage)
KN_EMPTY_REPLY(DeleteKeyPair)
KN_EMPTY_REPLY(DeleteNetwork)
KN_EMPTY_REPLY(DeleteProject)
KN_EMPTY_REPLY(DeleteUser)
KN_EMPTY_REPLY(GrantRole)
KN_EMPTY_REPLY(SetHostEnabled)
KN_EMPTY_REPLY(ClearFaults)
#undef KN_EMPTY_REPLY

}  // namespace kilonova::rpc
