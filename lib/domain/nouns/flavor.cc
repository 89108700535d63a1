#include "domain/nouns/flavor.h"


namespace kilonova {

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
                   check_amount("ephemeral disk (GiB)", f.ephemeral_gb, 0), check_amount("swap (MiB)", f.swap_mb, 0));
}

Expected<> DeleteFlavor::check() const { return check_reference("flavor", flavor); }

}  // namespace kilonova
