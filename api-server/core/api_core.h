// ApiCore: what the api-server decides and does. Fronts hand it requests; it authenticates, authorises, validates,
// records step 1 of a launch, asks the controller and answers. It holds nothing that a restart would miss: tokens are
// signed, events come from the controller, and which tokens were revoked is read from there.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api-server/core/client_request.h"
#include "api-server/core/http_faults.h"
#include "api-server/core/login.h"
#include "api-server/core/revocations.h"
#include "api-server/core/token.h"
#include "api-server/core/watch_hub.h"
#include "base/random.h"
#include "base/source_counts.h"
#include "domain/messages.h"
#include "domain/nouns/api_record.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/project.h"
#include "domain/nouns/server.h"
#include "domain/nouns/token_key.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"
#include "ports/caller.h"
#include "ports/crypto.h"
#include "ports/log.h"
#include "ports/transport.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api {

struct ApiOptions {
  Duration token_lifetime = seconds(3600);
  Duration call_deadline = seconds(60);  // of a call to the controller; the client's own is kept when it is shorter
  size_t max_in_flight = 10'000;         // calls at once, before kResourceExhausted
  size_t max_in_flight_of_project = 5'000;
  // What these calls' requests take.
  SourceCounts<Uuid>::Limits in_flight_bytes{.all = 128 << 20, .of_source = 32 << 20};
  // Key pairs that are being made: a tenth of a second of a processor each.
  SourceCounts<Uuid>::Limits key_pairs_made{.all = 16, .of_source = 2};
  // Secrets of application credentials likewise.
  SourceCounts<Uuid>::Limits secrets_made{.all = 16, .of_source = 2};
  LoginOptions login;
  // Nobody is served before read_revocations() was done once.
  bool reads_revocations = false;
  size_t max_revoked_of_user = 10'000;  // tokens at once
};

// Loop thread only. Its flows run in the fronts' scopes, which must be gone before it is. Everything it refers to must
// outlive it.
class ApiCore final : public PeerHandler {
 public:
  ApiCore(Loop& loop, Transport& transport, Log& log, Random random, Crypto& crypto, ApiOptions options);

  // One operation of a client. Errors: kUnavailable (no keys or no controller yet), kUnauthenticated,
  // kPermissionDenied, kInvalidArgument, kResourceExhausted, kDeadlineExceeded (the outcome is unknown), and whatever
  // the controller says.
  Task<ClientReply> handle(RequestMeta meta, ClientRequest request);

  // kUnauthenticated for any wrong name, project or password; kResourceExhausted after too many of them.
  Task<Expected<LoginReply>> login(RequestMeta meta, LoginRequest request);

  // What a token says, before anything is asked of anybody. kUnavailable while there are no keys; kUnauthenticated for
  // one that is no token of this cloud, expired, or was revoked here.
  Expected<TokenClaims> check_token(const std::string& token);
  // Whose name and password these are, whatever roles the user has. Errors: as login().
  Task<Expected<Identified>> identify(RequestMeta meta, LoginRequest request);
  // Whether the password is the secret of this hash; "" = of none. Tries are counted for request.user. Errors: as
  // login().
  Task<Expected<>> check_secret(LoginRequest request, std::string hash);
  // Of a user that may make some: kResourceExhausted where too many of its are being made.
  Task<Expected<std::string>> hash_secret(Uuid owner, std::string secret);
  // The text of a token that says this. `claims` gets what is drawn here: its times, where none is said, and audit id.
  // A log-in must have come before: there are keys.
  std::string issue(const RequestMeta& meta, TokenClaims& claims);
  Duration token_lifetime() const { return options_.token_lifetime; }
  std::string random_bytes(size_t bytes) { return crypto_.random_bytes(bytes); }
  uint64_t generation_of(const Uuid& user) const { return revocations_.generation_of(user); }
  // What fault rules do to a request over HTTP: waits as long as they say.
  HttpFaultRules& http_faults() { return http_faults_; }
  // The zones of all hosts, and whether a host of each is enabled: what every user may know, of hosts that only an
  // admin may list. Errors: kUnauthenticated, and the controller's.
  Task<Expected<std::map<std::string, bool>>> availability_zones(RequestMeta meta);
  // The api-server's own operations (AskedBy::kApiServer), for a front that has seen by its route's policy that the
  // caller may. Errors: kUnauthenticated, kInvalidArgument, and the controller's.
  Task<Expected<ApiRecordList>> ask_own(RequestMeta meta, ListApiRecords operation);
  Task<Expected<ApiRecordList>> ask_own(RequestMeta meta, PutApiRecord operation);
  Task<Expected<Empty>> ask_own(RequestMeta meta, DeleteApiRecord operation);
  Task<Expected<ApiRecordList>> ask_own(RequestMeta meta, ChangeApiRecords operation);
  Task<Expected<NetworkParts>> ask_own(RequestMeta meta, ListNetworkParts operation);
  Task<Expected<NetworkParts>> ask_own(RequestMeta meta, StoreNetwork operation);
  Task<Expected<NetworkParts>> ask_own(RequestMeta meta, StoreSubnet operation);
  Task<Expected<NetworkParts>> ask_own(RequestMeta meta, StorePort operation);
  Task<Expected<Empty>> ask_own(RequestMeta meta, DeleteNetworkPart operation);
  Task<Expected<ImageList>> ask_own(RequestMeta meta, PutImage operation);
  Task<Expected<ProjectList>> ask_own(RequestMeta meta, ReplaceProject operation);
  // `password`: "" = stays; its hash is made here.
  Task<Expected<UserList>> ask_own(RequestMeta meta, ReplaceUser operation, std::string password);
  // Of every image there is, for who keeps their bytes. Errors: the controller's.
  Task<Expected<std::vector<Uuid>>> all_image_ids();
  // Of what the front makes: random, version 4.
  Uuid new_uuid() { return random_uuid(random_); }
  // The token is good for nothing from now on: in this process at once, and in others once they read it. kept by the
  // controller until it would have expired. kResourceExhausted where the user has too many such; and the controller's.
  Task<Expected<>> revoke(RequestMeta meta, TokenClaims claims);
  // All tokens of a trust or application credential of this user's.
  Task<Expected<>> revoke_delegation(RequestMeta meta, Uuid id, Uuid owner);
  // All that the user has had so far. `is_going`: it is about to be deleted, so that this need not be kept for long.
  Task<Expected<>> revoke_all_of(RequestMeta meta, Uuid user, bool is_going = false);
  // Reads what was revoked, here or by another process, and forgets what has expired. Errors: the controller's.
  Task<Expected<>> read_revocations();

  // A watch, open until its token expires or is revoked.
  struct Watch {
    RequestContext context;
    WatchFilter filter;
    WatchPosition position;
    WallTime expires_at;
    TokenClaims claims;
    std::string token;          // is asked again once keys were replaced
    uint64_t signing_keys = 0;  // of signing_keys_told_
  };
  Expected<Watch> open_watch(const RequestMeta& meta, const WatchRequest& request);
  // The next events after watch.position, or none after `idle`. kUnauthenticated once the token has expired; otherwise
  // as WatchHub::next.
  Task<Expected<WatchBatch>> next_events(Watch watch, Duration idle);

  // Where LoginOptions::refuse_default is set, nobody is served before this was done once. kPermissionDenied when user
  // admin or demo has the default password: then this process must not stay. kUnavailable, kDeadlineExceeded: ask
  // again.
  Task<Expected<>> check_default_passwords();

  // Fills in the ids that the client did not give, so that the front can tell them even when the call fails.
  void complete_trace(TraceContext& trace);

  void on_peer_up(const Peer& peer) override;
  void on_peer_down(const Peer& peer) override;
  void on_message(const Peer& from, Message message) override;

  // Asks the controller something small. False when no answer came in time, or it is not connected.
  Task<bool> is_controller_answering(Duration patience);

  // 0: none yet.
  Incarnation controller_life() const { return controller_life_; }
  // True once tokens can be checked, the controller is connected, and no default password is where it must not be.
  bool ready() const { return signer_.has_value() && controller_connected_ && passwords_checked_ && revocations_read_; }
  size_t in_flight() const { return in_flight_.all(); }

 private:
  struct Admission {
    RequestContext context;
    WallTime expires_at;
    TokenClaims claims;
  };
  void take_keys(std::string_view signing_keys);
  Expected<> check_started() const;
  Expected<Admission> authenticate(const RequestMeta& meta);
  Expected<RequestContext> admit(const RequestMeta& meta, const ClientRequest& request);
  // What the api-server does itself before the controller is asked.
  struct Prepared {
    ApiRequest request;
    std::string private_key;  // that was generated
  };
  Task<Expected<Prepared>> prepare(ApiRequest request, RequestContext context, Duration limit);
  Task<Expected<Prepared>> prepare(CreateUser request, RequestContext context, Duration limit);
  Task<Expected<Prepared>> prepare(CreateKeyPair request, RequestContext context, Duration limit);
  Task<Expected<Prepared>> prepare(RotateTokenKey request, RequestContext context, Duration limit);
  // Before the work: what StoreKeyPair would refuse behind it.
  Task<Expected<>> may_have_key_pair(std::string name, std::string user, RequestContext context, Duration limit);
  Task<Expected<GeneratedKeyPair>> make_key_pair(CreateKeyPair wanted);
  // Errors: the controller's, and Caller::call's with the operation's name.
  Task<Expected<ApiResponse>> ask_controller(ApiCall call, Duration limit);
  Task<Expected<EventList>> read_page(uint64_t since, uint32_t limit, uint64_t generation);
  Duration time_left(const RequestMeta& meta) const;
  StepRecord record_accepted(const RequestMeta& meta) const;
  void log_accepted(const ApiResponse& response, const TraceContext& trace, const StepRecord& accepted);
  LoginReply issue_token(const RequestMeta& meta, const FoundUser& found);
  Task<Expected<FoundUser>> find_by_password(RequestMeta meta, LoginRequest request, bool needs_role);
  Task<Expected<>> revoke_until(RequestMeta meta, Uuid id, Uuid owner, WallTime until);
  Task<Expected<>> forget_user(RequestMeta meta, std::string user);
  // Of operations that answer with Operation::Reply, with every right: what is told of it is the caller's affair.
  template <class Operation>
  Task<Expected<typename Operation::Reply>> ask_as_admin(const RequestMeta& meta, Operation operation);
  template <class Operation>
  Task<Expected<typename Operation::Reply>> ask_checked(RequestMeta meta, Operation operation);

  static constexpr PeerId kController{Role::kController, 0};

  Loop& loop_;
  Transport& transport_;
  Log& log_;
  Random random_;
  Crypto& crypto_;
  ApiOptions options_;
  Caller caller_;
  HttpFaultRules http_faults_;
  LoginGuard login_guard_;
  WatchHub watch_hub_;
  std::optional<TokenSigner> signer_;  // none until the controller has told the key
  std::string signing_keys_;
  uint64_t signing_keys_told_ = 0;  // how often they were other ones than before
  Revocations revocations_;
  bool revocations_read_;
  Incarnation controller_life_ = 0;
  bool controller_connected_ = false;
  bool passwords_checked_;
  SourceCounts<Uuid> in_flight_;  // calls, by project
  SourceCounts<Uuid> in_flight_bytes_;
  SourceCounts<Uuid> key_pairs_made_;
  SourceCounts<Uuid> secrets_made_;  // by user
};

}  // namespace kilonova::api
