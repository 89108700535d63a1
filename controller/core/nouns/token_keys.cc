#include "controller/core/nouns/token_keys.h"

#include <utility>

#include "controller/core/named_records.h"
#include "domain/setting.h"
#include "domain/token_key.h"

namespace kilonova::controller {
namespace {

const std::string kKeys(kTokenKeySetting);
const std::string kTickets(kTicketKeySetting);

}  // namespace

Task<Expected<TokenKeyCount>> TokenKeyBook::handle(StoreTokenKey request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("token key");
  const Setting tickets{kTickets, to_bytes(ticket_key())};
  Setting keys{kKeys, std::move(request.signing_key)};
  if (!request.revoke_older)
    keys.value += world_.records.setting(kKeys).substr(0, (kMostTokenKeys - 1) * kTokenKeyBytes);
  const auto count = static_cast<uint32_t>(keys.value.size() / kTokenKeyBytes);
  Transaction transaction;
  transaction.push_back(mutation::Put<Setting>{tickets});
  transaction.push_back(mutation::Put<Setting>{keys});
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(std::move(committed.error()));
  for (const Setting& setting : {tickets, keys}) world_.records.of<Setting>()[setting.name] = setting;
  world_.log.event(LogLevel::kInfo, "the key that signs tokens was replaced",
                   {{"keys", std::to_string(count)}, {"older", request.revoke_older ? "revoked" : "kept"}});
  for (const Peer& peer : world_.transport.peers(Role::kApi)) tell(peer.id);
  co_return TokenKeyCount{count};
}

void TokenKeyBook::tell(PeerId api_server) const {
  world_.transport.send(api_server, Message{0, TokenKeys{world_.records.setting(kKeys)}});
}

TicketKey TokenKeyBook::ticket_key() const {
  const std::string& kept = world_.records.setting(kTickets);
  return kept.empty() ? ticket_key_of(world_.records.setting(kKeys)) : ticket_key_in(kept);
}

}  // namespace kilonova::controller
