// The small texts that clients and operators give: addresses, ids, trace parents, patterns.
#include "api-server/core/base64url.h"
#include "base/glob.h"
#include "base/ids.h"
#include "daemon/base64.h"
#include "domain/ip_address.h"
#include "domain/net.h"
#include "domain/outside_events.h"
#include "rpc/convert/trace_context.h"
#include "rpc/node/address.h"
#include "rpc/node/cluster_secret.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kilonova;

void read_addresses(std::string_view text) {
  if (auto address = parse_ip(text)) KN_CHECK(parse_ip(to_string(*address)) == address, "an address reads back");
  if (auto network = parse_ip_network(text)) {
    KN_CHECK(parse_ip_network(to_string(*network)) == network, "a network reads back");
    KN_CHECK(contains(*network, first_of(*network)) && contains(*network, last_of(*network)), "it has its ends");
  }
  if (auto mac = parse_mac(text)) KN_CHECK(parse_mac(to_string(*mac)) == mac, "a MAC reads back");
}

void read_secrets(std::string_view text) {
  if (auto plain = api::from_base64url(text)) KN_CHECK(api::to_base64url(*plain) == text, "there is one text of bytes");
  if (auto plain = from_base64(text)) KN_CHECK(from_base64(to_base64(*plain)) == plain, "bytes read back");
  if (auto secret = ClusterSecret::parse(text); secret && secret->is_for(Role::kController))
    KN_CHECK(secret->key_for(Role::kCompute, Role::kController).has_value(), "it has what it needs");
}

}  // namespace

KN_FUZZ_TARGET(fuzz_text) {
  std::string_view first = fuzz::take_text(bytes);
  read_addresses(first);
  read_secrets(first);
  if (auto events = parse_outside_events(first, "f"))
    for (const OutsideEvent& event : *events) (void)to_string(event);
  if (auto ip = parse_ipv4(first)) KN_CHECK(to_string(*ip) == first, "an address has one spelling");
  if (auto cidr = parse_cidr(first)) KN_CHECK(parse_cidr(to_string(*cidr)) == cidr, "a subnet reads back");
  if (auto id = parse_uuid(first)) KN_CHECK(parse_uuid(to_string(*id)) == id, "an id reads back");
  if (auto parent = rpc::parse_traceparent(first)) {
    KN_CHECK(!parent->trace_id.is_nil() && parent->span_id != 0, "ids of zero are none");
    auto again = rpc::parse_traceparent(rpc::format_traceparent(*parent));
    KN_CHECK(again && again->trace_id == parent->trace_id && again->span_id == parent->span_id, "a parent reads back");
  }
  if (auto address = parse_listen_address(std::string(first))) {
    KN_CHECK(address->is_unix() ? address->socket_path.size() <= kMaxSocketPath : !address->host.empty(),
             "an address is whole");
    (void)is_local(*address);
  }
  (void)is_local_client(first);
  // A pattern of stars against a long name must not take for ever.
  bool matches = glob_matches(first, bytes);
  if (first.empty() || first == "*" || (first == bytes && first.find_first_of("*?") == first.npos))
    KN_CHECK(matches, "what equals the pattern matches it");
}
