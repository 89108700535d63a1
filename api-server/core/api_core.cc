#include "api-server/core/api_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "api-server/core/authorise.h"
#include "domain/api.h"
#include "domain/default_password.h"
#include "domain/form_rules.h"
#include "domain/key_pair_rule.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"
#include "domain/token_key.h"
#include "domain/user_role.h"
#include "ports/door.h"

namespace kilonova::api {
namespace {

ClientReply refusal(Error error) { return {.result = std::unexpected<Error>(std::move(error))}; }

}  // namespace

ApiCore::ApiCore(Loop& loop, Transport& transport, Log& log, Random random, Crypto& crypto, ApiOptions options)
    : loop_(loop),
      transport_(transport),
      log_(log),
      random_(random),
      crypto_(crypto),
      options_(options),
      caller_(loop, transport),
      http_faults_(loop, log, caller_),
      login_guard_(loop, crypto, options.login),
      watch_hub_(loop, [this](uint64_t since, uint32_t limit,
                              uint64_t generation) { return read_page(since, limit, generation); }),
      revocations_read_(!options.reads_revocations),
      passwords_checked_(!options.login.refuse_default),
      in_flight_({options.max_in_flight, options.max_in_flight_of_project}),
      in_flight_bytes_(options.in_flight_bytes),
      key_pairs_made_(options.key_pairs_made),
      secrets_made_(options.secrets_made) {}

Task<ClientReply> ApiCore::handle(RequestMeta meta, ClientRequest request) {
  complete_trace(meta.trace);
  Expected<RequestContext> context = admit(meta, request);
  if (!context) co_return refusal(std::move(context.error()));
  const Uuid project = context->project_id;
  if (auto admission = in_flight_.take(project); admission != SourceCounts<Uuid>::Admission::kTaken)
    co_return refusal(
        {ErrorCode::kResourceExhausted,
         fmt::format("{} calls{} are in flight, as many as are allowed; try again", in_flight_.of(project),
                     admission == SourceCounts<Uuid>::Admission::kSourceInUse ? " of the project" : "")});
  CountedSource<Uuid> in_flight(in_flight_, project);
  if (in_flight_bytes_.take(project, meta.bytes) != SourceCounts<Uuid>::Admission::kTaken)
    co_return refusal(
        {ErrorCode::kResourceExhausted,
         fmt::format("the project's calls in flight take {} bytes, and this one {} more than are allowed; "
                     "try again",
                     in_flight_bytes_.of(project), meta.bytes)});
  CountedSource<Uuid> bytes(in_flight_bytes_, project, meta.bytes);

  if (const auto* gone = get_if<DeleteUser>(&request.request)) {
    if (auto forgotten = co_await forget_user(meta, gone->user); !forgotten)
      co_return refusal(std::move(forgotten.error()));
  }
  if (auto* reset = get_if<ResetCloud>(&request.request); reset && reset->client_token.empty())
    reset->client_token = to_string(random_uuid(random_));
  ClientReply reply{.result = ApiResponse(Empty{}), .role = context->role};
  Expected<Prepared> prepared = co_await prepare(std::move(request.request), *context, time_left(meta));
  if (!prepared) co_return refusal(std::move(prepared.error()));
  reply.private_key = std::move(prepared->private_key);

  bool is_launch = holds_alternative<CreateServers>(prepared->request);
  StepRecord accepted;
  if (is_launch) accepted = record_accepted(meta);
  reply.result = co_await ask_controller(ApiCall{*context, accepted, std::move(prepared->request)}, time_left(meta));
  if (is_launch && reply.result) log_accepted(*reply.result, meta.trace, accepted);
  if (!reply.result) reply.private_key.clear();
  co_return reply;
}

Task<Expected<FoundUser>> ApiCore::find_by_password(RequestMeta meta, LoginRequest request, bool needs_role) {
  if (auto started = check_started(); !started) co_return std::unexpected(std::move(started.error()));
  if (auto begun = login_guard_.begin(request); !begun) co_return std::unexpected(std::move(begun.error()));
  uint64_t before = revocations_.changes();
  // The api-server asks in its own name: there is no caller yet.
  RequestContext context{.role = UserRole::kAdmin, .trace = meta.trace};
  Expected<ApiResponse> found =
      co_await ask_controller(ApiCall{context, {}, FindUser{request.user, request.project}}, time_left(meta));
  Expected<FoundUser> user = co_await login_guard_.accept(request, std::move(found), needs_role);
  if (user && revocations_.has_changed(user->user.id, before))
    user = fail(ErrorCode::kUnauthenticated, "the user's password was changed meanwhile: log in again");
  if (!user)
    log_.event(LogLevel::kWarning, "log-in refused",
               {{"request", "req-" + to_string(meta.trace.request_id)}, {"reason", user.error().message}});
  co_return user;
}

Task<Expected<LoginReply>> ApiCore::login(RequestMeta meta, LoginRequest request) {
  complete_trace(meta.trace);
  Expected<FoundUser> user = co_await find_by_password(meta, std::move(request), true);
  if (!user) co_return std::unexpected(std::move(user.error()));
  co_return issue_token(meta, *user);
}

Task<Expected<Identified>> ApiCore::identify(RequestMeta meta, LoginRequest request) {
  complete_trace(meta.trace);
  Expected<FoundUser> found = co_await find_by_password(std::move(meta), std::move(request), false);
  if (!found) co_return std::unexpected(std::move(found.error()));
  uint64_t generation = revocations_.generation_of(found->user.id);
  co_return Identified{std::move(found->user), generation};
}

Task<Expected<>> ApiCore::check_secret(LoginRequest request, std::string hash) {
  if (auto started = check_started(); !started) co_return started;
  if (auto begun = login_guard_.begin(request); !begun) co_return begun;
  FoundUser holder;
  holder.user.password_hash = std::move(hash);
  Expected<ApiResponse> found = ApiResponse(std::move(holder));
  Expected<FoundUser> accepted = co_await login_guard_.accept(std::move(request), std::move(found), false);
  if (!accepted) co_return std::unexpected(std::move(accepted.error()));
  co_return Expected<>();
}

Task<Expected<std::string>> ApiCore::hash_secret(Uuid owner, std::string secret) {
  if (secrets_made_.take(owner) != SourceCounts<Uuid>::Admission::kTaken)
    co_return fail(ErrorCode::kResourceExhausted,
                   fmt::format("{} secrets of the user are being made, and {} in all; try again",
                               secrets_made_.of(owner), secrets_made_.all()));
  CountedSource<Uuid> being_made(secrets_made_, owner);
  co_return co_await crypto_.hash_password(std::move(secret));
}

std::string ApiCore::issue(const RequestMeta& meta, TokenClaims& claims) {
  claims.issued_at = loop_.wall_now();
  if (claims.expires_at == WallTime{}) claims.expires_at = claims.issued_at + options_.token_lifetime;
  claims.audit_id = random_uuid(random_);
  log_.event(LogLevel::kInfo, "logged in",
             {{"request", "req-" + to_string(meta.trace.request_id)},
              {"user", to_hex(claims.user_id)},
              {"project", to_hex(claims.project_id)}});
  return signer_->issue(claims);
}

Expected<TokenClaims> ApiCore::check_token(const std::string& token) {
  if (auto started = check_started(); !started) return std::unexpected(std::move(started.error()));
  Expected<TokenClaims> claims = signer_->check(token, loop_.wall_now());
  if (claims && revocations_.covers(*claims))
    return fail(ErrorCode::kUnauthenticated, "the token was revoked: log in again");
  return claims;
}

Task<Expected<>> ApiCore::check_default_passwords() {
  for (const char* user : {"admin", "demo", "alt_demo"}) {
    RequestContext context{.role = UserRole::kAdmin};
    complete_trace(context.trace);
    Expected<ApiResponse> found =
        co_await ask_controller(ApiCall{context, {}, FindUser{user, ""}}, options_.call_deadline);
    if (!found && found.error().code == ErrorCode::kNotFound) continue;
    if (!found) co_return std::unexpected(std::move(found.error()));
    const auto* known = get_if<FoundUser>(&*found);
    if (known == nullptr) co_return fail(ErrorCode::kInternal, "the controller answered FindUser with something else");
    std::string hash = known->user.password_hash;
    bool is_default = co_await crypto_.verify_password(std::string(kDefaultPassword), std::move(hash));
    if (is_default)
      co_return fail(ErrorCode::kPermissionDenied,
                     fmt::format("user {} has the default password, {}", user, kHowToSetPasswords));
  }
  passwords_checked_ = true;
  co_return Expected<>();
}

Task<Expected<ApiResponse>> ApiCore::ask_controller(ApiCall call, Duration limit) {
  const std::string_view operation = request_name(call.request);
  // The controller that is asked ends; the one that follows it knows the reset by its token.
  Expected<ApiReply> reply =
      holds_alternative<ResetCloud>(call.request)
          ? co_await caller_.call_repeatedly<ApiReply>(kController, std::move(call), limit, random_)
          : co_await caller_.call<ApiReply>(kController, std::move(call), limit);
  if (reply) co_return std::move(reply->result);
  co_return fail(reply.error().code, fmt::format("{}: {}", operation, reply.error().message));
}

Task<bool> ApiCore::is_controller_answering(Duration patience) {
  RequestContext context{.role = UserRole::kAdmin};
  complete_trace(context.trace);
  // The quota of no project: any answer is one, and costs the controller a look-up.
  Expected<ApiResponse> answer = co_await ask_controller(ApiCall{context, {}, GetQuota{}}, patience);
  co_return answer.has_value();
}

Expected<ApiCore::Watch> ApiCore::open_watch(const RequestMeta& meta, const WatchRequest& request) {
  Expected<Admission> admission = authenticate(meta);
  if (!admission) return std::unexpected(std::move(admission.error()));
  if (auto allowed = authorise(admission->context, ReadEvents{.all_projects = request.all_projects}); !allowed)
    return std::unexpected(std::move(allowed.error()));
  Watch watch;
  watch.context = admission->context;
  if (request.cloud_events && admission->context.role != UserRole::kAdmin)
    return fail(ErrorCode::kPermissionDenied, "only administrators watch hosts and fault rules (cloud_events)");
  watch.filter = {admission->context.project_id, request.all_projects, {}, request.stable_only, request.cloud_events};
  if (!request.server.empty()) {
    watch.filter.instance = parse_uuid(request.server);
    if (!watch.filter.instance)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("a watch names its server by id (a uuid), not {}", in_quotes(request.server)));
  }
  if (request.since != 0) {
    watch.position.revision = request.since;
    watch.position.generation = request.generation;
    watch.position.cloud_events = watch_hub_.cloud_events_now();
  } else {
    std::optional<WatchPosition> now = watch_hub_.now();
    if (!now) return fail(ErrorCode::kUnavailable, "the api-server is starting: it waits for the controller");
    watch.position = *now;
  }
  watch.expires_at = admission->expires_at;
  watch.claims = std::move(admission->claims);
  watch.token = meta.token;
  watch.signing_keys = signing_keys_told_;
  return watch;
}

Task<Expected<WatchBatch>> ApiCore::next_events(Watch watch, Duration idle) {
  Duration valid = watch.expires_at - loop_.wall_now();
  if (valid <= Duration{}) co_return fail(ErrorCode::kUnauthenticated, "the token expired: log in and watch again");
  if (revocations_.covers(watch.claims))
    co_return fail(ErrorCode::kUnauthenticated, "the token was revoked: log in and watch again");
  // A reset and `token key rotate --revoke-older` end tokens by their key.
  if (watch.signing_keys != signing_keys_told_ && !watch.token.empty() &&
      !signer_->check(watch.token, loop_.wall_now()))
    co_return fail(ErrorCode::kUnauthenticated, "the token is good no longer: log in and watch again");
  co_return co_await watch_hub_.next(watch.filter, watch.position, std::min(idle, valid));
}

void ApiCore::complete_trace(TraceContext& trace) {
  if (trace.request_id.is_nil()) trace.request_id = random_uuid(random_);
  if (trace.trace_id.is_nil()) trace.trace_id = random_uuid(random_);
}

void ApiCore::on_peer_up(const Peer& peer) {
  if (peer.id.role != Role::kController) return;
  controller_connected_ = true;
  if (std::exchange(controller_life_, peer.incarnation) != peer.incarnation) watch_hub_.on_new_life();
  caller_.on_peer_up(peer);
}

void ApiCore::on_peer_down(const Peer& peer) {
  if (peer.id.role != Role::kController) return;
  controller_connected_ = false;
  caller_.on_peer_down(peer);
}

void ApiCore::on_message(const Peer& from, Message message) {
  if (!may_enter(log_, from, Role::kApi, message)) return;
  if (holds_alternative<ApiReply>(message.body) || holds_alternative<FaultVerdict>(message.body)) {
    caller_.complete(from.id, message.call, std::move(message.body));
  } else if (auto* keys = get_if<TokenKeys>(&message.body)) {
    take_keys(keys->signing_key);
  } else if (auto* events = get_if<WatchEvents>(&message.body)) {
    watch_hub_.add(std::move(*events));
  } else if (auto* faults = get_if<HttpFaults>(&message.body)) {
    http_faults_.take(std::move(faults->rules));
  }
}

// The one that signs, and behind it those before it. A key that anybody could guess lets nobody in: the one before
// stays, or no token is good.
void ApiCore::take_keys(std::string_view signing_keys) {
  if (!are_token_keys(signing_keys)) {
    log_.event(LogLevel::kError, "the controller's token signing key was refused: it has the wrong length",
               {{"bytes", std::to_string(signing_keys.size())}, {"needed", std::to_string(kTokenKeyBytes)}});
    return;
  }
  if (std::exchange(signing_keys_, signing_keys) != signing_keys) signing_keys_told_ += 1;
  std::vector<std::string> older;
  for (size_t at = kTokenKeyBytes; at < signing_keys.size(); at += kTokenKeyBytes)
    older.emplace_back(signing_keys.substr(at, kTokenKeyBytes));
  signer_.emplace(crypto_, std::string(signing_keys.substr(0, kTokenKeyBytes)), std::move(older));
}

Expected<> ApiCore::check_started() const {
  if (signer_ && passwords_checked_ && revocations_read_) return {};
  return fail(ErrorCode::kUnavailable, "the api-server is starting: it waits for the controller");
}

Expected<ApiCore::Admission> ApiCore::authenticate(const RequestMeta& meta) {
  Admission admission;
  if (meta.in_own_name) {
    if (auto started = check_started(); !started) return std::unexpected(std::move(started.error()));
    admission.context = {.role = UserRole::kAdmin, .trace = meta.trace};
    admission.expires_at = {INT64_MAX};
    return admission;
  }
  Expected<TokenClaims> claims = check_token(meta.token);
  if (!claims) return std::unexpected(std::move(claims.error()));
  if (claims->has_access_rules && !meta.keeps_access_rules)
    return fail(ErrorCode::kPermissionDenied,
                "the token's application credential has access rules, which are of OpenStack's HTTP APIs alone");
  bool counts = claims->scope == TokenScope::kProject || meta.takes_any_scope;
  admission.context = {claims->user_id, claims->project_id, counts ? claims->role : UserRole::kNone, meta.trace};
  admission.context.trace.span_id = random_.next() | 1;  // 0 is no span
  admission.expires_at = claims->expires_at;
  admission.claims = std::move(*claims);
  return admission;
}

Expected<RequestContext> ApiCore::admit(const RequestMeta& meta, const ClientRequest& request) {
  Expected<Admission> admission = authenticate(meta);
  if (!admission) return std::unexpected(std::move(admission.error()));
  if (auto allowed = authorise(admission->context, request.request); !allowed)
    return std::unexpected(std::move(allowed.error()));
  if (request.malformed) return std::unexpected(*request.malformed);
  if (auto valid = visit([](const auto& r) { return r.check(); }, request.request); !valid)
    return std::unexpected(std::move(valid.error()));
  return admission->context;
}

Task<Expected<ApiCore::Prepared>> ApiCore::prepare(ApiRequest request, RequestContext context, Duration limit) {
  return visit(
      [&, this]<class Request>(Request&& r) -> Task<Expected<Prepared>> {
        if constexpr (std::decay_t<Request>::kOperation.decided_by == DecidedBy::kApi) {
          return prepare(std::move(r), context, limit);
        } else {
          return [](ApiRequest unchanged) -> Task<Expected<Prepared>> {
            co_return Prepared{std::move(unchanged), {}};
          }(std::move(r));
        }
      },
      std::move(request));
}

Task<Expected<ApiCore::Prepared>> ApiCore::prepare(CreateUser request, RequestContext, Duration) {
  std::string hash = co_await crypto_.hash_password(std::move(request.password));
  co_return Prepared{StoreUser{std::move(request.name), std::move(hash)}, {}};
}

Task<Expected<ApiCore::Prepared>> ApiCore::prepare(RotateTokenKey request, RequestContext, Duration) {
  co_return Prepared{StoreTokenKey{crypto_.random_bytes(kTokenKeyBytes), request.revoke_older}, {}};
}

Task<Expected<>> ApiCore::may_have_key_pair(std::string name, std::string user, RequestContext context,
                                            Duration limit) {
  auto known = co_await ask_controller(ApiCall{context, {}, ListKeyPairs{.user = std::move(user)}}, limit);
  if (!known) co_return std::unexpected(std::move(known.error()));
  const auto* list = get_if<KeyPairList>(&*known);
  if (list == nullptr) co_return fail(ErrorCode::kInternal, "the controller answered ListKeyPairs with something else");
  bool is_taken = std::ranges::any_of(list->key_pairs, [&](const KeyPair& one) { return one.name == name; });
  co_return check_new_key_pair(name, is_taken, list->key_pairs.size(), list->limit);
}

Task<Expected<ApiCore::Prepared>> ApiCore::prepare(CreateKeyPair request, RequestContext context, Duration limit) {
  CountedSource<Uuid> being_made;
  if (request.public_key.empty()) {
    if (auto may = co_await may_have_key_pair(request.name, request.user, context, limit); !may)
      co_return std::unexpected(std::move(may.error()));
    if (key_pairs_made_.take(context.project_id) != SourceCounts<Uuid>::Admission::kTaken)
      co_return fail(ErrorCode::kResourceExhausted,
                     fmt::format("{} key pairs of the project are being made, and {} in all; try again",
                                 key_pairs_made_.of(context.project_id), key_pairs_made_.all()));
    being_made = {key_pairs_made_, context.project_id};
  }
  StoreKeyPair store;
  store.key_pair.name = request.name;
  store.key_pair.type = request.type == "x509" ? "x509" : "ssh";
  store.user = request.user;
  for (const MetadataItem& tag : request.tags) put_item(store.key_pair.tags, tag);
  // A certificate names whose it is.
  if (request.user.empty()) request.user = to_string(context.user_id);
  Expected<GeneratedKeyPair> made = co_await make_key_pair(std::move(request));
  if (!made) co_return std::unexpected(std::move(made.error()));
  store.key_pair.public_key = std::move(made->public_key);
  store.key_pair.fingerprint = std::move(made->fingerprint);
  store.key_pair.ec2_fingerprint = std::move(made->ec2_fingerprint);
  co_return Prepared{std::move(store), std::move(made->private_key)};
}

Task<Expected<GeneratedKeyPair>> ApiCore::make_key_pair(CreateKeyPair wanted) {
  if (wanted.public_key.empty() && wanted.type == "x509")
    co_return co_await crypto_.generate_key_pair("x509", to_hex(parse_uuid(wanted.user).value_or(Uuid())));
  if (wanted.public_key.empty())
    co_return co_await crypto_.generate_key_pair(wanted.type == "ed25519" ? "ed25519" : "rsa", "Generated-by-Nova");
  Expected<std::string> fingerprint = crypto_.fingerprint(wanted.public_key);
  if (!fingerprint) co_return std::unexpected(std::move(fingerprint.error()));
  std::string ec2_fingerprint = crypto_.ec2_fingerprint(wanted.public_key);
  co_return GeneratedKeyPair{"", std::move(wanted.public_key), std::move(*fingerprint), std::move(ec2_fingerprint)};
}

// All projects' events: the hub serves every watcher, and each is given only what its filter lets through.
Task<Expected<EventList>> ApiCore::read_page(uint64_t since, uint32_t limit, uint64_t generation) {
  RequestContext context{.role = UserRole::kAdmin};
  complete_trace(context.trace);
  Expected<ApiResponse> response =
      co_await ask_controller(ApiCall{context, {}, ReadEvents{since, limit, true, generation}}, options_.call_deadline);
  if (!response) co_return std::unexpected(std::move(response.error()));
  auto* events = get_if<EventList>(&*response);
  if (events == nullptr) co_return fail(ErrorCode::kInternal, "the controller answered ReadEvents with something else");
  co_return std::move(*events);
}

Duration ApiCore::time_left(const RequestMeta& meta) const {
  if (!meta.time_limit) return options_.call_deadline;
  return std::min(options_.call_deadline, *meta.time_limit - (loop_.now() - meta.received_at));
}

// Step 1. It belongs to every server of the call, which have no ids yet; the first try is epoch 1, attempt 1.
StepRecord ApiCore::record_accepted(const RequestMeta& meta) const {
  StepRecord record;
  record.step = LaunchStep::kRequestAccepted;
  record.epoch = 1;
  record.attempt = 1;
  record.daemon = to_string(transport_.self());
  record.start = meta.received;
  record.duration = loop_.now() - meta.received_at;
  return record;
}

void ApiCore::log_accepted(const ApiResponse& response, const TraceContext& trace, const StepRecord& accepted) {
  const auto* created = get_if<CreateServersReply>(&response);
  if (created == nullptr) return;
  for (const Instance& server : created->servers) {
    // A repeated client token is answered with the servers of an earlier call, whose step 1 was logged then.
    if (server.trace.request_id == trace.request_id) log_.step(server.uuid, trace, accepted);
  }
}

LoginReply ApiCore::issue_token(const RequestMeta& meta, const FoundUser& found) {
  TokenClaims claims;
  claims.user_id = found.user.id;
  claims.project_id = found.project.id;
  claims.role = found.role;
  claims.generation = revocations_.generation_of(found.user.id);
  LoginReply reply;
  reply.token = issue(meta, claims);
  reply.expires_at = claims.expires_at;
  reply.user_id = found.user.id;
  reply.user = found.user.name;
  reply.project_id = found.project.id;
  reply.project = found.project.name;
  reply.role = found.role;
  return reply;
}

}  // namespace kilonova::api
