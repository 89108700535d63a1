#include "controller/core/nouns/key_pairs.h"

#include <algorithm>
#include <utility>

#include "controller/core/named_records.h"
#include "domain/key_pair_rule.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"

namespace kilonova::controller {
Expected<KeyPairList> KeyPairs::handle(const ListKeyPairs& request, const RequestContext& context) const {
  const auto& table = world_.records.of<KeyPair>();
  KeyPairList reply;
  if (!request.name.empty()) {
    auto named = table.find({context.user_id, request.name});
    if (named == table.end()) return not_found("key pair", request.name);
    reply.key_pairs.push_back(named->second);
    return reply;
  }
  for (auto it = table.upper_bound({context.user_id, request.marker});
       it != table.end() && it->first.first == context.user_id && !reply.more; ++it) {
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
  KeyPair row = request.key_pair;
  row.user_id = context.user_id;
  row.created_at = world_.loop.wall_now();
  auto& table = world_.records.of<KeyPair>();
  auto mine = std::ranges::count_if(table, [&](const auto& entry) { return entry.first.first == context.user_id; });
  if (auto may = check_new_key_pair(row.name, table.contains(row.key()), static_cast<size_t>(mine)); !may)
    co_return std::unexpected(std::move(may.error()));
  auto committed = co_await put_record<KeyPair>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return KeyPairList{{row}};
}

Task<Expected<Empty>> KeyPairs::handle(DeleteKeyPair request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire("user");
  auto& table = world_.records.of<KeyPair>();
  std::pair key(context.user_id, request.name);
  if (!table.contains(key)) co_return not_found("key pair", request.name);
  auto committed = co_await erase_record<KeyPair>(world_, key);
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
