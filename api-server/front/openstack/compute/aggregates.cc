// Nova: os-aggregates. The zone of an aggregate is also an item of its metadata, as Nova has it.
#include <fmt/format.h>

#include <algorithm>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/aggregate.h"

namespace kilonova::api::openstack {
namespace {

using A = Aggregate;
using Value = std::optional<Json>;

Value metadata_of(const A& a, const Call&) {
  Json metadata = Json::object();
  if (!a.availability_zone.empty()) metadata["availability_zone"] = a.availability_zone;
  for (const MetadataItem& item : a.metadata) metadata[item.key] = item.value;
  return metadata;
}
Value zone_of(const A& a, const Call&) { return or_null(a.availability_zone); }
Value null(const A&, const Call&) { return Json(nullptr); }
Value id_of(const A& a, const Call&) { return a.id; }
Value uuid_of(const A& a, const Call&) { return to_string(a.uuid); }
Value name_of(const A& a, const Call&) { return a.name; }
Value hosts_of(const A& a, const Call&) { return a.hosts; }
Value created_of(const A& a, const Call&) { return time_without_zone(a.created_at); }
// An aggregate that was never changed has none.
Value updated_of(const A& a, const Call&) {
  return a.updated_at == a.created_at ? Json(nullptr) : time_without_zone(a.updated_at);
}
Value deleted_of(const A&, const Call&) { return false; }

constexpr Field<A> kFields[] = {{"id", &id_of},
                                {"uuid", &uuid_of, 41},
                                {"name", &name_of},
                                {"hosts", &hosts_of},
                                {"metadata", &metadata_of},
                                {"created_at", &created_of},
                                {"updated_at", &updated_of},
                                {"deleted_at", &null},
                                {"deleted", &deleted_of},
                                {"availability_zone", &zone_of}};
// The answer to a create has no hosts and no metadata.
constexpr Field<A> kCreated[] = {
    {"id", &id_of},        {"uuid", &uuid_of, 41}, {"name", &name_of},       {"created_at", &created_of},
    {"updated_at", &null}, {"deleted_at", &null},  {"deleted", &deleted_of}, {"availability_zone", &zone_of}};

Answer answer_of(const AggregateList& list, const Call& call) {
  return {200, {{"aggregate", view(kFields, list.aggregates.front(), call)}}};
}

std::expected<std::string, Refusal> id_in_path(const Call& call) {
  const std::string& id = call.in_path("aggregate");
  // A negative one is an integer, and no aggregate's.
  std::string_view digits = id;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  if (!whole_number(digits)) return refused(400, "Invalid input received: id must be an integer");
  if (digits.size() != id.size()) return refused(404, fmt::format("Aggregate {} could not be found.", id));
  return id;
}

std::unexpected<Refusal> no_aggregate(std::string_view id) {
  return refused(404, fmt::format("Aggregate {} could not be found.", id));
}

// By its id alone: the operation would take a name too.
Task<std::expected<A, Refusal>> find(Call& call) {
  auto id = id_in_path(call);
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto found = co_await ask(call, ListAggregates{.aggregate = *id});
  if (!found && found.error().status == 404) co_return no_aggregate(*id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->aggregates.empty() || fmt::to_string(found->aggregates.front().id) != *id) co_return no_aggregate(*id);
  co_return std::move(found->aggregates.front());
}

Task<Answered> list(Call& call) {
  auto aggregates = co_await ask_all(call, ListAggregates{}, &AggregateList::aggregates,
                                     [](const A& aggregate) { return fmt::to_string(aggregate.id); });
  if (!aggregates) co_return std::unexpected(std::move(aggregates.error()));
  Json items = Json::array();
  for (const A& aggregate : *aggregates) items.push_back(view(kFields, aggregate, call));
  co_return Answer{200, {{"aggregates", std::move(items)}}};
}

Task<Answered> show(Call& call) {
  auto aggregate = co_await find(call);
  if (!aggregate) co_return std::unexpected(std::move(aggregate.error()));
  co_return Answer{200, {{"aggregate", view(kFields, *aggregate, call)}}};
}

const Rule& create_rule() {
  static const Rule rule =
      body_of("aggregate", object({{"name", name(), true}, {"availability_zone", null_or(name())}}));
  return rule;
}

Task<Answered> create(Call& call) {
  if (auto wrong = check_schema(create_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "aggregate");
  CreateAggregate operation{text_at(wanted, "name"), text_at(wanted, "availability_zone")};
  std::string taken = operation.name;
  auto made = co_await ask(call, std::move(operation));
  if (!made && made.error().status == 409) co_return refused(409, fmt::format("Aggregate {} already exists.", taken));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Answer{200, {{"aggregate", view(kCreated, made->aggregates.front(), call)}}};
}

const Rule& update_rule() {
  static const Rule rule = body_of("aggregate", object({{"name", name()}, {"availability_zone", null_or(name())}}));
  return rule;
}

Task<Answered> update(Call& call) {
  if (auto wrong = check_schema(update_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "aggregate");
  if (wanted.empty())
    co_return refused(400,
                      "Invalid input for field/attribute aggregate. Value: {}. {} does not have enough properties");
  auto aggregate = co_await find(call);
  if (!aggregate) co_return std::unexpected(std::move(aggregate.error()));
  SetAggregate operation{.aggregate = fmt::to_string(aggregate->id),
                         .name = text_at(wanted, "name"),
                         .availability_zone = text_at(wanted, "availability_zone")};
  if (const Json* zone = member(wanted, "availability_zone"); zone != nullptr && zone->is_null())
    operation.unset = {"availability_zone"};
  std::string taken = operation.name;
  auto set = co_await ask(call, std::move(operation));
  if (!set && set.error().status == 409 && set.error().message.ends_with("already exists"))
    co_return refused(409, fmt::format("Aggregate {} already exists.", taken));
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return answer_of(*set, call);
}

Task<Answered> remove(Call& call) {
  auto aggregate = co_await find(call);
  if (!aggregate) co_return std::unexpected(std::move(aggregate.error()));
  auto removed = co_await ask(call, DeleteAggregate{fmt::to_string(aggregate->id)});
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{200, nullptr};
}

const Rule& action_rule() {
  static const Rule host = object({{"host", text(1, 255), true}});
  static const Rule rule = object({{"add_host", host},
                                   {"remove_host", host},
                                   {"set_metadata", object({{"metadata", map_of(null_or(text(0, 255))), true}})}});
  return rule;
}

SetAggregate metadata_change(const A& aggregate, const Json& metadata) {
  SetAggregate operation{.aggregate = fmt::to_string(aggregate.id)};
  for (const auto& [key, value] : metadata.items()) {
    if (value.is_null())
      operation.unset.push_back(key);
    else if (key == "availability_zone")
      operation.availability_zone = value.get_ref<const std::string&>();
    else
      operation.set.push_back({key, value.get_ref<const std::string&>()});
  }
  return operation;
}

Task<Answered> act(Call& call) {
  if (!call.body.is_object() || call.body.size() != 1) co_return refused(400, "Malformed request body");
  std::string key = call.body.begin().key();
  if (key != "add_host" && key != "remove_host" && key != "set_metadata")
    co_return refused(400, fmt::format("There is no such action: {}", key));
  if (auto wrong = check_schema(action_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto aggregate = co_await find(call);
  if (!aggregate) co_return std::unexpected(std::move(aggregate.error()));
  std::string id = fmt::to_string(aggregate->id);
  const Json& wanted = *member(call.body, key);
  std::expected<AggregateList, Refusal> done;
  std::string host = text_at(wanted, "host");
  if (key == "add_host") done = co_await ask(call, AddAggregateHost{id, host});
  if (key == "remove_host") done = co_await ask(call, RemoveAggregateHost{id, host});
  if (key == "set_metadata") done = co_await ask(call, metadata_change(*aggregate, *member(wanted, "metadata")));
  if (!done && done.error().status == 404 && key == "add_host")
    co_return refused(404, fmt::format("Compute host {} could not be found.", host));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return answer_of(*done, call);
}

Task<Answered> cache_images(Call& call) {
  static const Rule rule = object({{"cache", list_of(object({{"id", uuid(), true}}), 1), true}});
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  CacheAggregateImages operation;
  for (const Json& image : *member(call.body, "cache")) {
    std::string id = text_at(image, "id");
    if (std::ranges::find(operation.images, id) != operation.images.end())
      co_return refused(400, "Duplicate images in request");
    operation.images.push_back(std::move(id));
  }
  auto aggregate = co_await find(call);
  if (!aggregate) co_return std::unexpected(std::move(aggregate.error()));
  operation.aggregate = fmt::to_string(aggregate->id);
  auto told = co_await ask(call, std::move(operation));
  if (!told && told.error().status == 404) co_return refused(400, told.error().message);
  if (!told) co_return std::unexpected(std::move(told.error()));
  co_return Answer{202, nullptr};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-aggregates", kAdmin, "os_compute_api:os-aggregates:index", &list},
    {kNova, "POST", "/v2.1/os-aggregates", kAdmin, "os_compute_api:os-aggregates:create", &create},
    {kNova, "GET", "/v2.1/os-aggregates/{aggregate}", kAdmin, "os_compute_api:os-aggregates:show", &show},
    {kNova, "PUT", "/v2.1/os-aggregates/{aggregate}", kAdmin, "os_compute_api:os-aggregates:update", &update},
    {kNova, "DELETE", "/v2.1/os-aggregates/{aggregate}", kAdmin, "os_compute_api:os-aggregates:delete", &remove},
    {kNova, "POST", "/v2.1/os-aggregates/{aggregate}/action", kAdmin, "os_compute_api:os-aggregates:set_metadata",
     &act},
    {kNova, "POST", "/v2.1/os-aggregates/{aggregate}/images", kAdmin, "compute:aggregates:images", &cache_images, 81},
};

}  // namespace

std::span<const Route> aggregate_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
