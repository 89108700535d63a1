// The small texts that clients and operators give: addresses, ids, trace parents, patterns.
#include "base/glob.h"
#include "base/ids.h"
#include "domain/net.h"
#include "rpc/convert/trace_context.h"
#include "rpc/node/address.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_text) {
  using namespace kilonova;
  std::string_view first = fuzz::take_text(bytes);
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
