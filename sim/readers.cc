#include "sim/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_group.h"
#include "domain/nouns/server_request.h"
#include "domain/nouns/service.h"
#include "domain/nouns/user.h"
#include "domain/server_actions.h"
#include "sim/keepers.h"

namespace kilonova::sim {
namespace {

constexpr Duration kPause = seconds(16);  // between two questions of one reader, at most

}  // namespace

Readers::Readers(SimCloud& cloud, ReadChecker& checker, ClientHistory& history, Serialize serialize)
    : cloud_(cloud),
      checker_(checker),
      history_(history),
      serialize_(std::move(serialize)),
      random_(cloud.options().seed, "clients", "readers"),
      readers_{{"admin", "admin"}, {"demo", "demo"}, {"alt_demo", "alt_demo"}, {"looker", "demo", false}} {}

void Readers::start() {
  for (size_t reader = 0; reader < readers_.size(); ++reader) ask_later(reader);
}

void Readers::ask_later(size_t reader) {
  const auto pause = static_cast<int64_t>(random_.below(static_cast<uint64_t>(kPause.us)));
  cloud_.loop().call_after(microseconds(pause), [this, reader] { ask(reader); });
}

void Readers::ask(size_t reader) {
  if (stopped_) return;
  if (cloud_.api().core() != nullptr) cloud_.api().clients().spawn(converse(this, reader));
  ask_later(reader);
}

Uuid Readers::some_server() {
  const auto& rows = cloud_.ledger().rows();
  if (rows.empty()) return {};
  auto at = rows.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(random_.below(rows.size())));
  return at->first;
}

Readers::Question Readers::next_question(Reader& reader) {
  if (!is_admin(reader) && reader.may_change && !std::exchange(reader.has_asked, true)) {
    CreateServers create;
    create.name = "own-" + reader.project;
    create.flavor = "m1.tiny";
    create.image = "cirros";
    create.client_token = reader.project;
    return {std::move(create)};
  }
  const uint64_t which = random_.below(12);
  if (which >= 8) return question_of_all(reader);
  const Uuid server = some_server();
  if (server.is_nil() || which == 0) return {ListServers{.all_projects = is_admin(reader)}};
  const std::string id = to_string(server);
  if (is_admin(reader)) return {GetServer{id, true}, server};
  if (!reader.may_change && which <= 2) return forbidden_change(id);
  const bool foreign = cloud_.ledger().row(server)->project != reader.project_id;
  if (foreign && which == 1) return {DeleteServer{id}, server, true};
  if (foreign && which == 2) return {ServerAction{id, ServerActionKind::kStop}, server, true};
  if (which == 3) return {GetLaunchRecord{id}, server, foreign};
  if (which == 4) return {ReadEvents{}};
  if (which == 5) return {ListInstanceActions{.server = id}, server, foreign};
  return {GetServer{id}, server, foreign};
}

// Of what a project has, or may use.
Readers::Question Readers::question_of_all(const Reader& reader) {
  switch (random_.below(8)) {
    case 0: return {ListNetworks{}};
    case 1: return {ListLeases{.network = "private"}};
    case 2: return {ListImages{}};
    case 3: return {ListKeyPairs{}};
    case 4: return {ListServerGroups{}};
    case 5: return {GetQuota{}};
    case 6: return {GetCloudStatus{}};
    default: return {ListServers{.all_projects = is_admin(reader)}};
  }
}

Readers::Question Readers::forbidden_change(const std::string& server) {
  CreateImage image;
  image.name = "forbidden";
  CreateKeyPair key_pair;
  key_pair.name = "forbidden";
  CreateNetwork network;
  network.name = "forbidden";
  network.cidr = "10.99.0.0/24";
  CreateServers create;
  create.name = "forbidden";
  create.flavor = "m1.tiny";
  create.image = "cirros";
  Question question;
  question.changes = true;
  switch (random_.below(6)) {
    case 0: question.request = std::move(image); break;
    case 1: question.request = std::move(key_pair); break;
    case 2: question.request = std::move(network); break;
    case 3: question.request = std::move(create); break;
    case 4: question.request = DeleteServer{server}; break;
    default: question.request = ServerAction{server, ServerActionKind::kStop}; break;
  }
  return question;
}

Task<> Readers::make_user(Readers* readers, api::ApiCore* core, const Reader* reader) {
  Loop& loop = readers->cloud_.api().loop();
  const std::string token = readers->readers_.front().token;
  CreateUser create;
  create.name = reader->user;
  create.password = "kilonova";
  (void)co_await core->handle({.token = token, .received = loop.wall_now(), .received_at = loop.now()},
                              {.request = std::move(create)});
  (void)co_await core->handle({.token = token, .received = loop.wall_now(), .received_at = loop.now()},
                              {.request = GrantRole{reader->user, reader->project, UserRole::kReader}});
}

Task<> Readers::converse(Readers* readers, size_t index) {
  Reader& reader = readers->readers_[index];
  api::ApiCore* core = readers->cloud_.api().core();  // this frame dies before it
  Loop& loop = readers->cloud_.api().loop();
  if (reader.token.empty()) {
    auto login = co_await core->login({.received = loop.wall_now(), .received_at = loop.now()},
                                      {.user = reader.user, .password = "kilonova", .project = reader.project});
    if (!login && !reader.may_change && !readers->readers_.front().token.empty())
      co_await make_user(readers, core, &reader);
    if (!login) co_return;
    reader.token = login->token;
    reader.project_id = login->project_id;
  }
  const Question question = readers->next_question(reader);
  const Instant asked = loop.now();
  const auto call = readers->history_.invoked(asked, question.request, question.server);
  api::ClientReply reply = co_await core->handle(
      {.token = reader.token, .received = loop.wall_now(), .received_at = asked}, {.request = question.request});
  readers->history_.answered(call, loop.now(), question.server, reply.result);
  if (!reply.result && reply.result.error().code == ErrorCode::kUnauthenticated) reader.token.clear();
  readers->take(reader, question, asked, reply.result);
}

void Readers::take(const Reader& reader, const Question& question, Instant asked, const Expected<ApiResponse>& answer) {
  if (!answer) return take_refusal(reader, question, asked, answer.error());
  if (question.changes) return checker_.changed_by_reader(request_name(question.request));
  if (serialize_ && !is_admin(reader))
    checker_.told(reader.project_id, request_name(question.request), serialize_(*answer), {kKeptPrefix});
  if (question.foreign) checker_.showed(reader.project_id, question.server);
  if (const auto* list = get_if<ServerList>(&*answer)) {
    for (const Instance& server : list->servers) {
      checker_.read(asked, server.uuid, &server);
      if (!is_admin(reader)) checker_.showed(reader.project_id, server.uuid);
    }
  } else if (const auto* events = get_if<EventList>(&*answer); events != nullptr && !is_admin(reader)) {
    for (const WatchEvent& event : events->events) checker_.showed(reader.project_id, event.instance);
  }
}

// That it is not there is an answer too, where it is not another one's.
void Readers::take_refusal(const Reader& reader, const Question& question, Instant asked, const Error& error) {
  if (question.server.is_nil() || question.changes) return;
  if (question.foreign) {
    const Instance* known =
        cloud_.controller().core() == nullptr ? nullptr : cloud_.controller().core()->instances().find(question.server);
    if (known != nullptr) checker_.said(reader.project_id, question.server, known->name, error.message);
  } else if (error.code == ErrorCode::kNotFound && holds_alternative<GetServer>(question.request)) {
    checker_.read(asked, question.server, nullptr);
  }
}

}  // namespace kilonova::sim
