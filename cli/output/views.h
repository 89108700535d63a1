// The nouns of the public interface as JSON, and as the texts of a table's cells. Field names are those of the
// protocol; times are ISO 8601 or null, enum values lower case without their prefix, null for none.
#pragma once

#include <string>

#include "base/time.h"
#include "cli/output/print.h"
#include "cli/output/text.h"
#include "kilonova/v1/cloud_admin.pb.h"
#include "kilonova/v1/cloud_catalog.pb.h"
#include "kilonova/v1/cloud_servers.pb.h"

namespace kilonova::cli {

Json to_json(const v1::Server& server);
Json to_json(const v1::Flavor& flavor);
Json to_json(const v1::Image& image);
Json to_json(const v1::KeyPair& key_pair);
Json to_json(const v1::Network& network);
Json to_json(const v1::Lease& lease);
Json to_json(const v1::Project& project);
Json to_json(const v1::User& user);
Json to_json(const v1::Host& host);
Json to_json(const v1::Service& service);
Json to_json(const v1::FaultRule& rule);
Json to_json(const v1::Migration& migration);
Json to_json(const v1::Quota& quota, const v1::QuotaUsage& usage);

template <class List>
Json list_to_json(const List& list) {
  Json json = Json::array();
  for (const auto& one : list) json.push_back(to_json(one));
  return json;
}

// "TASK_STATE_POWERING_OFF" less "TASK_STATE_" -> "powering_off"; "" for UNSPECIFIED.
std::string enum_text(const std::string& name, std::string_view prefix);
std::string role_text(v1::UserRole role);

// Why a server is in ERROR: what went wrong last, where its fault's message only says what followed from it; "" =
// nothing more is known.
std::string cause_of(const v1::Server& server);

// "private=10.0.0.5, other=10.1.0.2"
std::string addresses_text(const v1::Server& server);
std::string yes_no(bool value);
std::string time_text(int64_t us);

}  // namespace kilonova::cli
