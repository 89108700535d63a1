// Flavors on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/flavor.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(Flavor, Flavor)

#define KN_FLAVOR_CALLS(X) \
  X(ListFlavors, list_flavors, ListFlavorsRequest) \
  X(CreateFlavor, create_flavor, CreateFlavorRequest) \
  X(SetFlavor, set_flavor, SetFlavorRequest) \
  X(DeleteFlavor, delete_flavor, DeleteFlavorRequest)
#define KN_FLAVOR_REPLIES(X) \
  X(FlavorList, flavor_list, FlavorList, kFlavorList)
#define KN_FLAVOR_METHODS(X) X(ListFlavors) X(CreateFlavor) X(SetFlavor) X(DeleteFlavor)

KN_FLAVOR_CALLS(KN_DECLARE_CALL)
KN_FLAVOR_REPLIES(KN_DECLARE_REPLY)
KN_FLAVOR_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
