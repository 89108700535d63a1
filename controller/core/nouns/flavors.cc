#include "controller/core/nouns/flavors.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/core/named_records.h"
#include "domain/nouns/flavor.h"
#include "domain/operation.h"
#include "domain/resources.h"

namespace kilonova::controller {
namespace {

// nova/objects/flavor.py add_access, remove_access.
Expected<> change_access(const SetFlavor& request, Flavor& flavor) {
  auto place_of = [&](const std::string& project) { return std::ranges::lower_bound(flavor.projects, project); };
  if (!request.add_project.empty()) {
    auto place = place_of(request.add_project);
    if (place != flavor.projects.end() && *place == request.add_project)
      return fail(ErrorCode::kAlreadyExists,
                  fmt::format("Flavor access already exists for flavor {} and project {} combination.", flavor.id,
                              request.add_project));
    flavor.projects.insert(place, request.add_project);
  }
  if (!request.remove_project.empty()) {
    auto place = place_of(request.remove_project);
    if (place == flavor.projects.end() || *place != request.remove_project)
      return fail(ErrorCode::kNotFound,
                  fmt::format("Flavor access not found for {} / {} combination.", flavor.id, request.remove_project));
    flavor.projects.erase(place);
  }
  return {};
}

}  // namespace

Expected<FlavorList> Flavors::handle(const ListFlavors& request, const RequestContext& context) const {
  return list_records(&FlavorList::flavors,
                      world_.records.find_flavor(request.flavor, context.is_admin(), context.project_id), "flavor",
                      request.flavor, world_.records.of<Flavor>(), request.marker, request.limit,
                      [&](const Flavor& flavor) { return context.is_admin() || may_use(flavor, context.project_id); });
}

Task<Expected<FlavorList>> Flavors::handle(CreateFlavor request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("flavor");
  Flavor row = request.flavor;
  row.extra_specs.clear();
  row.projects.clear();
  for (const MetadataItem& item : request.flavor.extra_specs) put_item(row.extra_specs, item);
  if (row.id.empty() || row.id == "auto") row.id = to_string(random_uuid(world_.random));
  for (const auto& [id, flavor] : world_.records.of<Flavor>()) {
    if (id == row.id) co_return already_exists("flavor id", row.id);
    if (flavor.name == row.name) co_return already_exists("flavor", row.name);
  }
  auto committed = co_await put_record<Flavor>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return FlavorList{{row}};
}

Task<Expected<FlavorList>> Flavors::handle(SetFlavor request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("flavor");
  const Flavor* flavor = world_.records.find_flavor(request.flavor, true);
  if (!flavor) co_return not_found("flavor", request.flavor);
  Flavor row = *flavor;
  // Nova's words (nova/exception.py FlavorExtraSpecsNotFound).
  for (const std::string& key : request.unset)
    if (!erase_item(row.extra_specs, key))
      co_return fail(ErrorCode::kNotFound, fmt::format("Flavor {} has no extra specs with key {}.", row.id, key));
  for (const MetadataItem& item : request.set) put_item(row.extra_specs, item);
  if (request.sets_description) row.description = request.description;
  if (auto changed = change_access(request, row); !changed) co_return std::unexpected(changed.error());
  auto committed = co_await put_record<Flavor>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return FlavorList{{row}};
}

Task<Expected<Empty>> Flavors::handle(DeleteFlavor request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("flavor");
  const Flavor* flavor = world_.records.find_flavor(request.flavor, true);
  if (!flavor) co_return not_found("flavor", request.flavor);
  std::string id = flavor->id;
  auto committed = co_await erase_record<Flavor>(world_, id);
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
