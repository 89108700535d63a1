// Nova: os-extra_specs of a flavor, which scheduler filters read.
#include <fmt/format.h>

#include "api-server/front/openstack/compute/flavors.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/schema.h"
#include "domain/nouns/flavor.h"

namespace kilonova::api::openstack {
namespace {

// A text, or a number, which is kept as its digits.
Rule value_rule() {
  return [form = text(0, 255)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    return value.is_number() ? std::nullopt : form(value, field, minor);
  };
}

Task<Answered> list(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  co_return Answer{200, {{"extra_specs", metadata_json(flavor->extra_specs)}}};
}

std::unexpected<Refusal> no_spec(const std::string& flavor, const std::string& key) {
  return refused(404, fmt::format("Flavor {} has no extra specs with key {}.", flavor, key));
}

Task<Answered> show(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  std::string key = call.in_path("key");
  Json specs = metadata_json(flavor->extra_specs);
  const Json* value = member(specs, key);
  if (value == nullptr) co_return no_spec(flavor->id, key);
  co_return Answer{200, object_of(key, *value)};
}

// The answer is what was asked.
Task<Answered> put_all(Call& call) {
  static const Rule rule = body_of("extra_specs", map_of(value_rule()));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  auto set = co_await ask(call, SetFlavor{flavor->id, metadata_items(*member(call.body, "extra_specs")), {}});
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{200, call.body};
}

Task<Answered> put_one(Call& call) {
  static const Rule rule = map_of(value_rule());
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  if (call.body.size() != 1)
    co_return refused(400,
                      fmt::format("{} {}", python_repr(call.body),
                                  call.body.empty() ? "does not have enough properties" : "has too many properties"));
  if (call.body.begin().key() != call.in_path("key")) co_return refused(400, "Request body and URI mismatch");
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  auto set = co_await ask(call, SetFlavor{flavor->id, metadata_items(call.body), {}});
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{200, call.body};
}

Task<Answered> remove(Call& call) {
  auto flavor = co_await find_flavor(call);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  std::string key = call.in_path("key");
  auto set = co_await ask(call, SetFlavor{flavor->id, {}, {key}});
  if (!set && (set.error().status == 404 || set.error().status == 400)) co_return no_spec(flavor->id, key);
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{200, nullptr};
}

constexpr Service kNova = Service::kCompute;
constexpr std::string_view kAll = "/v2.1/flavors/{flavor}/os-extra_specs";
constexpr std::string_view kOne = "/v2.1/flavors/{flavor}/os-extra_specs/{key}";

constexpr Route kRoutes[] = {
    {kNova, "GET", kAll, UserRole::kReader, "os_compute_api:os-flavor-extra-specs:index", &list},
    {kNova, "POST", kAll, UserRole::kAdmin, "os_compute_api:os-flavor-extra-specs:create", &put_all},
    {kNova, "GET", kOne, UserRole::kReader, "os_compute_api:os-flavor-extra-specs:show", &show},
    {kNova, "PUT", kOne, UserRole::kAdmin, "os_compute_api:os-flavor-extra-specs:update", &put_one},
    {kNova, "DELETE", kOne, UserRole::kAdmin, "os_compute_api:os-flavor-extra-specs:delete", &remove},
};

}  // namespace

std::span<const Route> flavor_extra_spec_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
