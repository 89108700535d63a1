// Views: what of a row is shown, to whom, in which microversions. A view is a table of fields in the order in which
// they are written; what a microversion adds or drops is its row there, and nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/microversion.h"

namespace kilonova::api::openstack {

enum class Audience : uint8_t { kAll, kAdmin };

template <class Row>
struct Field {
  std::string_view name;
  std::optional<Json> (*value)(const Row& row, const Call& call);  // nothing: the field is left out
  Minor since = kFirstMinor;
  Minor until = kLastMinor;
  Audience audience = Audience::kAll;
};

template <class Row, size_t N>
Json view(const Field<Row> (&fields)[N], const Row& row, const Call& call) {
  Json json = Json::object();
  // No version has two fields of a name, so none is looked for before it is put: that is what long lists cost.
  auto& object = json.get_ref<Json::object_t&>();
  object.reserve(N);
  for (const Field<Row>& field : fields) {
    if (call.minor < field.since || call.minor > field.until) continue;
    if (field.audience == Audience::kAdmin && !call.is_admin()) continue;
    if (std::optional<Json> value = field.value(row, call)) object.emplace_back(field.name, std::move(*value));
  }
  return json;
}

// Nova's links: with the project where the request's path had it.
std::string self_url(const Call& call, std::string_view path);      // ".../v2.1/servers/ID"
std::string bookmark_url(const Call& call, std::string_view path);  // the same without the version
Json links_of(const Call& call, std::string_view path);             // both
Json bookmark_of(const Call& call, std::string_view path);          // [bookmark]

// [{"rel": "next", "href": ...}]: the request's own address with its query sorted, and this marker.
Json next_link(const Call& call, std::string_view marker);

}  // namespace kilonova::api::openstack
