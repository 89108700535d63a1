// Nova: flavors, their descriptions, and which projects may use private ones.
#include "api-server/front/openstack/compute/flavors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/sort_stably.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/project.h"

namespace kilonova::api::openstack {
namespace {

using F = Flavor;

std::optional<Json> swap_of(const F& flavor, const Call&) { return Json(flavor.swap_mb); }
// Until 2.74 no swap was written as an empty text.
std::optional<Json> old_swap_of(const F& flavor, const Call&) {
  return flavor.swap_mb == 0 ? Json("") : Json(flavor.swap_mb);
}

std::string path_of(const F& flavor) { return "/flavors/" + http::percent_encode(flavor.id); }

constexpr Field<F> kFields[] = {
    {"id", [](const F& f, const Call&) -> std::optional<Json> { return f.id; }},
    {"name", [](const F& f, const Call&) -> std::optional<Json> { return f.name; }},
    {"ram", [](const F& f, const Call&) -> std::optional<Json> { return f.memory_mb; }},
    {"disk", [](const F& f, const Call&) -> std::optional<Json> { return f.root_gb; }},
    {"swap", &old_swap_of, 1, 74},
    {"swap", &swap_of, 75},
    {"OS-FLV-EXT-DATA:ephemeral", [](const F& f, const Call&) -> std::optional<Json> { return f.ephemeral_gb; }},
    {"OS-FLV-DISABLED:disabled", [](const F&, const Call&) -> std::optional<Json> { return false; }},
    {"vcpus", [](const F& f, const Call&) -> std::optional<Json> { return f.vcpus; }},
    {"os-flavor-access:is_public", [](const F& f, const Call&) -> std::optional<Json> { return f.is_public; }},
    {"rxtx_factor", [](const F& f, const Call&) -> std::optional<Json> { return f.rxtx_factor; }},
    {"links", [](const F& f, const Call& call) -> std::optional<Json> { return links_of(call, path_of(f)); }},
    {"description", [](const F& f, const Call&) -> std::optional<Json> { return or_null(f.description); }, 55},
    {"extra_specs", [](const F& f, const Call&) -> std::optional<Json> { return metadata_json(f.extra_specs); }, 61},
};

constexpr Field<F> kBriefFields[] = {
    {"id", [](const F& f, const Call&) -> std::optional<Json> { return f.id; }},
    {"name", [](const F& f, const Call&) -> std::optional<Json> { return f.name; }},
    {"links", [](const F& f, const Call& call) -> std::optional<Json> { return links_of(call, path_of(f)); }},
    {"description", [](const F& f, const Call&) -> std::optional<Json> { return or_null(f.description); }, 55},
};

// Of admins only: nothing = both. Others see public ones anyway.
std::expected<std::optional<bool>, Refusal> wanted_publicity(const Call& call) {
  const std::string* asked = call.in_query("is_public");
  if (!call.is_admin() || asked == nullptr) return call.is_admin() ? std::optional(true) : std::nullopt;
  if (*asked == "None" || *asked == "none") return std::nullopt;
  for (std::string_view text : {"True", "true", "1", "t", "on", "yes", "y"})
    if (*asked == text) return true;
  for (std::string_view text : {"False", "false", "0", "f", "off", "no", "n"})
    if (*asked == text) return false;
  return refused(400, fmt::format("Invalid is_public filter [{}]", *asked));
}

struct SortKey {
  std::string_view key;
  bool (*is_before)(const F& a, const F& b);
};
template <auto Member>
bool by(const F& a, const F& b) {
  return a.*Member < b.*Member;
}
// nova/api/openstack/compute/schemas/flavors.py VALID_SORT_KEYS. Flavors have no times here, and no weight.
constexpr SortKey kSortKeys[] = {{"flavorid", &by<&F::id>},
                                 {"name", &by<&F::name>},
                                 {"memory_mb", &by<&F::memory_mb>},
                                 {"vcpus", &by<&F::vcpus>},
                                 {"root_gb", &by<&F::root_gb>},
                                 {"ephemeral_gb", &by<&F::ephemeral_gb>},
                                 {"swap", &by<&F::swap_mb>},
                                 {"rxtx_factor", &by<&F::rxtx_factor>},
                                 {"is_public", &by<&F::is_public>},
                                 {"description", &by<&F::description>},
                                 {"id", nullptr},
                                 {"created_at", nullptr},
                                 {"updated_at", nullptr},
                                 {"disabled", nullptr},
                                 {"vcpu_weight", nullptr}};

std::unexpected<Refusal> not_one_of(std::string_view parameter, const std::string& value, std::string_view values) {
  return refused(400, fmt::format("Invalid input for query parameters {}. Value: {}. {} is not one of [{}]", parameter,
                                  value, python_repr(Json(value)), values));
}

// They stand by their ids; what is equal stays so.
std::optional<Refusal> sort_flavors(const Call& call, std::vector<F>& flavors) {
  const std::string* key = call.in_query("sort_key");
  const std::string* direction = call.in_query("sort_dir");
  const std::string wanted = key == nullptr ? "flavorid" : *key;
  const auto known = std::ranges::find(kSortKeys, wanted, &SortKey::key);
  if (known == std::end(kSortKeys)) {
    std::string names;
    for (const SortKey& one : kSortKeys) names += fmt::format("{}'{}'", names.empty() ? "" : ", ", one.key);
    return not_one_of("sort_key", wanted, names).error();
  }
  if (direction != nullptr && *direction != "asc" && *direction != "desc")
    return not_one_of("sort_dir", *direction, "'asc', 'desc'").error();
  const bool is_down = direction != nullptr && *direction == "desc";
  if (known->is_before != nullptr)
    sort_stably(flavors,
                [&](const F& a, const F& b) { return is_down ? known->is_before(b, a) : known->is_before(a, b); });
  return std::nullopt;
}

template <size_t N>
Task<Answered> list_with(Call& call, const Field<F> (&fields)[N]) {
  auto page = read_page(call);
  if (!page) co_return std::unexpected(std::move(page.error()));
  auto is_public = wanted_publicity(call);
  if (!is_public) co_return std::unexpected(std::move(is_public.error()));
  int64_t min_ram = 0, min_disk = 0;
  for (auto [key, least] : {std::pair("minRam", &min_ram), std::pair("minDisk", &min_disk)}) {
    const std::string* asked = call.in_query(key);
    if (asked == nullptr) continue;
    std::optional<int64_t> number = whole_number(*asked);
    if (!number) co_return refused(400, fmt::format("Invalid {} filter [{}]", key, *asked));
    *least = *number;
  }
  auto flavors = co_await ask_all(call, ListFlavors{}, &FlavorList::flavors, [](const F& flavor) { return flavor.id; });
  if (!flavors) co_return std::unexpected(std::move(flavors.error()));
  std::erase_if(*flavors, [&](const F& flavor) {
    return flavor.memory_mb < min_ram || flavor.root_gb < min_disk || (*is_public && flavor.is_public != **is_public);
  });
  if (auto wrong = sort_flavors(call, *flavors)) co_return std::unexpected(std::move(*wrong));
  auto cut = cut_page(call, *page, *flavors, [](const F& flavor) { return flavor.id; });
  if (!cut) co_return std::unexpected(std::move(cut.error()));
  Json items = Json::array();
  for (const F& flavor : cut->rows) items.push_back(view(fields, flavor, call));
  co_return page_answer("flavors", std::move(items), std::move(cut->next));
}

Task<Answered> list(Call& call) { co_return co_await list_with(call, kBriefFields); }
Task<Answered> list_detail(Call& call) { co_return co_await list_with(call, kFields); }

Task<Answered> show(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  co_return Answer{200, {{"flavor", view(kFields, *flavor, call)}}};
}

// Also as a text: "2", "1.5".
std::optional<double> number_of(const Json& factor) {
  if (factor.is_number()) return factor.get<double>();
  if (!factor.is_string()) return std::nullopt;
  const auto& text = factor.get_ref<const std::string&>();
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view fraction = std::string_view(text).substr(std::min(point + 1, text.size()));
  if (!whole_number(std::string_view(text).substr(0, point))) return std::nullopt;
  if (point < text.size() && !whole_number(fraction)) return std::nullopt;
  return std::strtod(text.c_str(), nullptr);
}

Rule rxtx_factor_rule() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    const std::optional<double> factor = number_of(value);
    const std::string said = python_repr(value);
    if (!factor && value.is_string())
      return Failure{field, value.get<std::string>(), said + R"( does not match '^[0-9]+(\\.[0-9]+)?$')"};
    if (!factor) return Failure{field, said, said + " is not of type 'number', 'string'"};
    if (*factor <= 0) return Failure{field, said, said + " is less than or equal to the minimum of 0"};
    if (*factor > 3.40282e+38) return Failure{field, said, said + " is greater than the maximum of 3.40282e+38"};
    return std::nullopt;
  };
}

const Rule& create_rule() {
  static const Rule rule = body_of("flavor", object({{"name", name(), true},
                                                     {"ram", integer(1), true},
                                                     {"vcpus", integer(1), true},
                                                     {"disk", integer(0), true},
                                                     {"id", null_or(anything())},
                                                     {"OS-FLV-EXT-DATA:ephemeral", integer(0)},
                                                     {"swap", integer(0)},
                                                     {"rxtx_factor", rxtx_factor_rule()},
                                                     {"os-flavor-access:is_public", boolean()},
                                                     {"description", null_or(text(0, 65'535)), false, 55}}));
  return rule;
}

Task<Answered> create(Call& call) {
  if (auto wrong = check_schema(create_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "flavor");
  CreateFlavor operation;
  F& flavor = operation.flavor;
  if (const Json* id = member(wanted, "id"); id != nullptr && !id->is_null())
    flavor.id = id->is_string() ? id->get<std::string>() : to_text(*id);
  flavor.name = text_at(wanted, "name");
  flavor.memory_mb = integer_at(wanted, "ram", 0);
  flavor.vcpus = integer_at(wanted, "vcpus", 0);
  flavor.root_gb = integer_at(wanted, "disk", 0);
  flavor.ephemeral_gb = integer_at(wanted, "OS-FLV-EXT-DATA:ephemeral", 0);
  flavor.swap_mb = integer_at(wanted, "swap", 0);
  if (const Json* factor = member(wanted, "rxtx_factor")) flavor.rxtx_factor = *number_of(*factor);
  flavor.description = text_at(wanted, "description");
  flavor.is_public = boolean_at(wanted, "os-flavor-access:is_public", true);
  F asked = flavor;
  auto made = co_await ask(call, std::move(operation));
  if (!made && made.error().status == 409) {
    bool id_is_taken = made.error().message.starts_with("flavor id");
    co_return refused(409, id_is_taken ? fmt::format("Flavor with ID {} already exists.", asked.id)
                                       : fmt::format("Flavor with name {} already exists.", asked.name));
  }
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Answer{200, {{"flavor", view(kFields, made->flavors.front(), call)}}};
}

Task<Answered> update(Call& call) {
  static const Rule rule = body_of("flavor", object({{"description", null_or(text(0, 65'535)), true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  SetFlavor change{.flavor = flavor->id, .sets_description = true};
  change.description = text_at(*member(call.body, "flavor"), "description");
  auto changed = co_await ask(call, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{200, {{"flavor", view(kFields, changed->flavors.front(), call)}}};
}

// ---- access

Json access_view(const F& flavor) {
  Json items = Json::array();
  for (const std::string& project : flavor.projects)
    items.push_back({{"flavor_id", flavor.id}, {"tenant_id", project}});
  return {{"flavor_access", std::move(items)}};
}

Task<Answered> show_access(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  if (flavor->is_public) co_return refused(404, "Access list not available for public flavors.");
  co_return Answer{200, access_view(*flavor)};
}

std::expected<std::string, Refusal> project_of(const Call& call, const char* action) {
  static const Rule tenant = object({{"tenant", text(1, 255), true}});
  if (auto wrong = check_schema(body_of(action, tenant), call.body, call.minor))
    return std::unexpected(std::move(*wrong));
  std::string given = text_at(*member(call.body, action), "tenant");
  std::optional<Uuid> id = parse_uuid(given);
  return id ? to_hex(*id) : given;
}

Task<Answered> add_access(Call& call, const F& flavor) {
  auto project = project_of(call, "addTenantAccess");
  if (!project) co_return std::unexpected(std::move(project.error()));
  if (flavor.is_public && call.minor >= 7) co_return refused(409, "Can not add access to a public flavor.");
  auto known = co_await ask(call, ListProjects{.project = *project});
  if (!known && (known.error().status == 404 || known.error().status == 400))
    co_return refused(400, fmt::format("Project ID {} is not a valid project.", *project));
  if (!known) co_return std::unexpected(std::move(known.error()));
  auto changed = co_await ask(call, SetFlavor{.flavor = flavor.id, .add_project = *project});
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{200, access_view(changed->flavors.front())};
}

Task<Answered> remove_access(Call& call, const F& flavor) {
  auto project = project_of(call, "removeTenantAccess");
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto changed = co_await ask(call, SetFlavor{.flavor = flavor.id, .remove_project = *project});
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{200, access_view(changed->flavors.front())};
}

Task<Answered> act(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  if (!call.body.is_object() || call.body.size() != 1) co_return refused(400, "Malformed request body");
  if (member(call.body, "addTenantAccess") != nullptr) co_return co_await add_access(call, *flavor);
  if (member(call.body, "removeTenantAccess") != nullptr) co_return co_await remove_access(call, *flavor);
  co_return refused(400, fmt::format("There is no such action: {}", call.body.begin().key()));
}

Task<Answered> remove(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  auto removed = co_await ask(call, DeleteFlavor{flavor->id});
  if (!removed && removed.error().status == 404) co_return no_flavor(flavor->id);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{202, nullptr};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/v2.1/flavors", UserRole::kReader, "os_compute_api:flavors", &list},
    {Service::kCompute, "GET", "/v2.1/flavors/detail", UserRole::kReader, "os_compute_api:flavors", &list_detail},
    {Service::kCompute, "GET", "/v2.1/flavors/{flavor}", UserRole::kReader, "os_compute_api:flavors", &show},
    {Service::kCompute, "POST", "/v2.1/flavors", UserRole::kAdmin, "os_compute_api:os-flavor-manage:create", &create},
    {Service::kCompute, "PUT", "/v2.1/flavors/{flavor}", UserRole::kAdmin, "os_compute_api:os-flavor-manage:update",
     &update, 55},
    {Service::kCompute, "GET", "/v2.1/flavors/{flavor}/os-flavor-access", UserRole::kAdmin,
     "os_compute_api:os-flavor-access", &show_access},
    {Service::kCompute, "POST", "/v2.1/flavors/{flavor}/action", UserRole::kAdmin,
     "os_compute_api:os-flavor-access:add_tenant_access", &act},
    {Service::kCompute, "DELETE", "/v2.1/flavors/{flavor}", UserRole::kAdmin, "os_compute_api:os-flavor-manage:delete",
     &remove},
};

}  // namespace

std::unexpected<Refusal> no_flavor(std::string_view id) {
  return refused(404, fmt::format("Flavor {} could not be found.", id));
}

Task<std::expected<std::optional<Flavor>, Refusal>> flavor_with_id(Call& call, std::string id) {
  auto found = co_await ask_one(call, ListFlavors{.flavor = id}, &FlavorList::flavors, &Flavor::id, id);
  if (!found && found.error().status == 400) co_return std::nullopt;  // no flavor can have it
  co_return found;
}

Task<std::expected<Flavor, Refusal>> find_flavor(Call& call) {
  std::string id = call.in_path("flavor");
  auto found = co_await flavor_with_id(call, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return no_flavor(id);
  co_return std::move(**found);
}

Json flavor_reference(const Flavor& flavor, const Call& call) {
  return {{"id", flavor.id}, {"links", bookmark_of(call, path_of(flavor))}};
}

Json flavor_values(const Flavor& flavor) {
  return {{"vcpus", flavor.vcpus},
          {"ram", flavor.memory_mb},
          {"disk", flavor.root_gb},
          {"ephemeral", flavor.ephemeral_gb},
          {"swap", flavor.swap_mb},
          {"original_name", flavor.name},
          {"extra_specs", metadata_json(flavor.extra_specs)}};
}

std::span<const Route> flavor_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
