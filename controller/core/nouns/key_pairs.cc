#include "controller/core/nouns/key_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/core/named_records.h"
#include "domain/key_pair_rule.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"

namespace kilonova::controller {
namespace {

// Of an operation: who may name another user, the api-server has checked.
Uuid owner_of(const std::string& user, const RequestContext& context) {
  return parse_uuid(user).value_or(context.user_id);
}

}  // namespace

Expected<KeyPairList> KeyPairs::handle(const ListKeyPairs& request, const RequestContext& context) const {
  const auto& table = world_.records.of<KeyPair>();
  const Uuid owner = owner_of(request.user, context);
  KeyPairList reply;
  reply.limit = world_.records.quota(context.project_id, owner).key_pairs;
  if (!request.name.empty()) {
    auto named = table.find({owner, request.name});
    if (named == table.end()) return not_found("key pair", request.name);
    reply.key_pairs.push_back(named->second);
    return reply;
  }
  for (auto it = table.upper_bound({owner, request.marker});
       it != table.end() && it->first.first == owner && !reply.more; ++it) {
    reply.more = reply.key_pairs.size() == request.limit;
    if (!reply.more) reply.key_pairs.push_back(it->second);
  }
  return reply;
}

// Under the users' lock: a user that is deleted meanwhile must leave no key pair behind.
Task<Expected<KeyPairList>> KeyPairs::handle(StoreKeyPair request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire("user");
  if (!world_.records.of<User>().contains(context.user_id))
    co_return fail(ErrorCode::kUnauthenticated, "the user that this token is for was deleted: log in as another");
  const Uuid owner = owner_of(request.user, context);
  KeyPair row = request.key_pair;
  row.user_id = owner;
  row.created_at = world_.loop.wall_now();
  auto& table = world_.records.of<KeyPair>();
  auto mine = std::ranges::count_if(table, [&](const auto& entry) { return entry.first.first == owner; });
  if (auto may = check_new_key_pair(row.name, table.contains(row.key()), static_cast<size_t>(mine),
                                    world_.records.quota(context.project_id, owner).key_pairs);
      !may)
    co_return std::unexpected(std::move(may.error()));
  auto committed = co_await put_record<KeyPair>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return KeyPairList{{row}};
}

Task<Expected<KeyPairList>> KeyPairs::handle(TagKeyPair request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire("user");
  auto& table = world_.records.of<KeyPair>();
  auto named = table.find({context.user_id, request.name});
  if (named == table.end()) co_return not_found("key pair", request.name);
  KeyPair row = named->second;
  for (const std::string& key : request.unset_tags) erase_item(row.tags, key);
  for (const MetadataItem& tag : request.set_tags) put_item(row.tags, tag);
  if (row.tags.size() > kMaxKeyPairTags)
    co_return fail(ErrorCode::kQuotaExceeded,
                   fmt::format("the key pair would have {} tags; it has at most {}", row.tags.size(), kMaxKeyPairTags));
  auto committed = co_await put_record<KeyPair>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return KeyPairList{{row}};
}

Task<Expected<Empty>> KeyPairs::handle(DeleteKeyPair request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire("user");
  auto& table = world_.records.of<KeyPair>();
  std::pair key(owner_of(request.user, context), request.name);
  if (!table.contains(key)) co_return not_found("key pair", request.name);
  auto committed = co_await erase_record<KeyPair>(world_, key);
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
