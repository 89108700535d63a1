// Lists of the public service, whole: it sends at most 1,000 rows at a time.
#pragma once

#include <string>

#include "cli/client/session.h"

namespace kilonova::cli {

// The name of the last row of a page, behind which the list goes on (the `marker` of each request in cloud_*.proto).
// Empty for a page without rows.
template <class Rows, class Name>
std::string last_name(const Rows& rows, Name name) {
  return rows.empty() ? std::string() : name(*rows.rbegin());
}

inline std::string marker_of(const v1::ListFlavorsReply& page) {
  return last_name(page.flavors(), [](const v1::Flavor& row) { return row.id(); });
}
inline std::string marker_of(const v1::ListImagesReply& page) {
  return last_name(page.images(), [](const v1::Image& row) { return row.id(); });
}
inline std::string marker_of(const v1::ListKeyPairsReply& page) {
  return last_name(page.key_pairs(), [](const v1::KeyPair& row) { return row.name(); });
}
inline std::string marker_of(const v1::ListNetworksReply& page) {
  return last_name(page.networks(), [](const v1::Network& row) { return row.id(); });
}
inline std::string marker_of(const v1::ListLeasesReply& page) {
  return last_name(page.leases(), [](const v1::Lease& row) { return row.address().ip(); });
}
inline std::string marker_of(const v1::ListProjectsReply& page) {
  return last_name(page.projects(), [](const v1::Project& row) { return row.id(); });
}
inline std::string marker_of(const v1::ListUsersReply& page) {
  return last_name(page.users(), [](const v1::User& row) { return row.id(); });
}
inline std::string marker_of(const v1::ListHostsReply& page) {
  return last_name(page.hosts(), [](const v1::Host& row) { return row.name(); });
}
inline std::string marker_of(const v1::ListAggregatesReply& page) {
  return last_name(page.aggregates(), [](const v1::Aggregate& row) { return std::to_string(row.id()); });
}

// All pages as one reply, whose `more` is false. The first error ends it, and what was read by then is dropped.
template <class Request, class Reply>
Expected<Reply> list_whole(Session& session,
                           grpc::Status (v1::Cloud::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                           Request request) {
  Reply whole;
  for (bool more = true; more;) {
    Expected<Reply> page = session.call(method, request);
    if (!page) return page;
    std::string marker = marker_of(*page);
    more = page->more() && marker != request.marker();  // a page without an end would be asked for without end
    request.set_marker(marker);
    whole.MergeFrom(*page);
  }
  whole.set_more(false);
  return whole;
}

}  // namespace kilonova::cli
