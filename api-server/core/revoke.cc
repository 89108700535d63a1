// Tokens that are good for nothing before their time: said to this process (revocations.h), and kept by the controller
// as records of two kinds, from which every api-server reads them again.
#include <charconv>
#include <string>
#include <utility>

#include "api-server/core/own_requests.h"
#include "domain/nouns/api_record.h"
#include "domain/nouns/user.h"

namespace kilonova::api {
namespace {

// By a token's audit id, or a delegation's id; the body says until when, in microseconds of the wall clock.
constexpr const char* kRevokedTokens = "revoked-token";
// By a user's id; the revision is the number of the generation. Of a user that is deleted the body says until when,
// too.
constexpr const char* kGenerations = "token-generation";

// Behind its end: no clock is that wrong, and nobody asks earlier.
constexpr Duration kKeptLonger = seconds(24 * 3600);

int64_t until_of(const ApiRecord& record) {
  int64_t until = 0;
  std::from_chars(record.body.data(), record.body.data() + record.body.size(), until);
  return until;
}

}  // namespace

Task<Expected<>> ApiCore::revoke_until(RequestMeta meta, Uuid id, Uuid owner, WallTime until) {
  complete_trace(meta.trace);
  PutApiRecord put{.kind = kRevokedTokens,
                   .id = to_hex(id),
                   .owner = to_hex(owner),
                   .unique_name = {},
                   .body = std::to_string(until.us)};
  auto stored = co_await ask_as_admin(meta, std::move(put));
  if (!stored && stored.error().code != ErrorCode::kAlreadyExists) co_return std::unexpected(std::move(stored.error()));
  revocations_.add(id, owner, loop_.now());
  co_return Expected<>();
}

Task<Expected<>> ApiCore::revoke(RequestMeta meta, TokenClaims claims) {
  if (revocations_.count_of(claims.user_id) >= options_.max_revoked_of_user)
    co_return fail(ErrorCode::kResourceExhausted,
                   "the user has revoked as many tokens as are kept at once; they go when they expire");
  co_return co_await revoke_until(std::move(meta), claims.audit_id, claims.user_id, claims.expires_at);
}

Task<Expected<>> ApiCore::revoke_delegation(RequestMeta meta, Uuid id, Uuid owner) {
  return revoke_until(std::move(meta), id, owner, loop_.wall_now() + options_.token_lifetime);
}

Task<Expected<>> ApiCore::revoke_all_of(RequestMeta meta, Uuid user, bool is_going) {
  complete_trace(meta.trace);
  const WallTime until = is_going ? loop_.wall_now() + options_.token_lifetime : WallTime{};
  const std::string id = to_hex(user);
  for (int tries_left = 5;; --tries_left) {
    auto known = co_await ask_as_admin(meta, ListApiRecords{.kind = kGenerations, .id = id});
    if (!known && known.error().code != ErrorCode::kNotFound) co_return std::unexpected(std::move(known.error()));
    PutApiRecord put{.kind = kGenerations, .id = id, .owner = {}, .unique_name = {}, .body = std::to_string(until.us)};
    if (known && !known->records.empty()) put.revision = known->records.front().revision;
    auto stored = co_await ask_as_admin(meta, std::move(put));
    if (stored && !stored->records.empty()) {
      revocations_.begin_generation(user, stored->records.front().revision);
      co_return Expected<>();
    }
    // Another one was begun meanwhile: before or behind this change, nobody knows.
    bool was_faster =
        !stored && (stored.error().code == ErrorCode::kConflict || stored.error().code == ErrorCode::kAlreadyExists);
    if (!was_faster || tries_left == 0)
      co_return stored ? fail(ErrorCode::kInternal, "what was stored was not told") : std::unexpected(stored.error());
  }
}

// Before the user goes: afterwards nobody would know whose tokens these are.
Task<Expected<>> ApiCore::forget_user(RequestMeta meta, std::string user) {
  complete_trace(meta.trace);
  auto found = co_await ask_as_admin(meta, ListUsers{.user = std::move(user)});
  if (!found && found.error().code == ErrorCode::kNotFound) co_return Expected<>();  // DeleteUser says it better
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->users.empty()) co_return Expected<>();
  co_return co_await revoke_all_of(std::move(meta), found->users.front().id, true);
}

Task<Expected<>> ApiCore::read_revocations() {
  RequestMeta meta;
  complete_trace(meta.trace);
  for (const char* kind : {kGenerations, kRevokedTokens}) {
    for (ListApiRecords page{.kind = kind};;) {
      auto list = co_await ask_as_admin(meta, page);
      if (!list) co_return std::unexpected(std::move(list.error()));
      for (const ApiRecord& record : list->records) {
        std::optional<Uuid> id = parse_uuid(record.id);
        if (!id) continue;
        const bool is_generation = record.kind == kGenerations;
        const int64_t until = until_of(record);
        // Behind its end by this clock, which may be wrong, and by all tokens' longest life.
        const bool is_over = until != 0 && until <= loop_.wall_now().us - kKeptLonger.us &&
                             revocations_.known_for(*id, loop_.now()) >= options_.token_lifetime;
        if (is_generation && until == 0) {
          revocations_.begin_generation(*id, record.revision);
        } else if (!is_over) {
          if (is_generation) revocations_.begin_generation(*id, record.revision);
          if (!is_generation) revocations_.add(*id, parse_uuid(record.owner).value_or(Uuid()), loop_.now());
        } else {
          auto gone = co_await ask_as_admin(meta, DeleteApiRecord{record.kind, record.id});
          if (gone || gone.error().code == ErrorCode::kNotFound) revocations_.forget(*id);
        }
      }
      if (!list->more || list->records.empty()) break;
      page.marker = list->records.back().id;
    }
  }
  revocations_read_ = true;
  co_return Expected<>();
}

}  // namespace kilonova::api
