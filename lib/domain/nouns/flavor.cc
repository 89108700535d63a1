#include "domain/nouns/flavor.h"

#include <fmt/format.h>

namespace kilonova {
namespace {

// nova/api/validation/parameter_types.py: metadata_with_null_key_pattern, and what flavor_access.py allows as a value.
Expected<> check_extra_specs(const std::vector<MetadataItem>& items) {
  for (const MetadataItem& item : items)
    if (auto good = check_all(check_word("the extra spec's key", item.key, "-_:. "),
                              check_text("the extra spec's value", item.value));
        !good)
      return good;
  return {};
}

// nova/api/openstack/compute/schemas/flavor_manage.py; the bound is nova/db/constants.py SQL_SP_FLOAT_MAX.
Expected<> check_rxtx_factor(double factor) {
  if (factor > 0 && factor <= 3.40282e+38) return {};
  return refuse(fmt::format("the rxtx factor {} must be above 0 and at most 3.40282e+38", factor));
}

}  // namespace

Expected<> ListFlavors::check() const {
  return check_all(check_text("the flavor", flavor), check_limit(limit), check_text("the marker", marker));
}

// Nova's form of a flavor's id (nova/api/openstack/compute/schemas/flavor_manage.py).
Expected<> CreateFlavor::check() const {
  const Flavor& f = flavor;
  if (!f.id.empty())
    if (auto id = check_all(check_word("the flavor's id", f.id, " ._-"), check_name("the flavor's id", f.id)); !id)
      return id;
  return check_all(check_name("the flavor's name", f.name), check_amount("vcpus", f.vcpus, 1),
                   check_amount("ram (MiB)", f.memory_mb, 1), check_amount("disk (GiB)", f.root_gb, 0),
                   check_amount("ephemeral disk (GiB)", f.ephemeral_gb, 0), check_amount("swap (MiB)", f.swap_mb, 0),
                   check_extra_specs(f.extra_specs), check_text("the description", f.description),
                   check_rxtx_factor(f.rxtx_factor));
}

Expected<> SetFlavor::check() const {
  for (const std::string& key : unset)
    if (auto good = check_word("the extra spec's key", key, "-_:. "); !good) return good;
  return check_all(check_reference("flavor", flavor), check_extra_specs(set),
                   check_text("the description", description), check_text("the project", add_project),
                   check_text("the project", remove_project));
}

Expected<> DeleteFlavor::check() const { return check_reference("flavor", flavor); }

}  // namespace kilonova
