#include "rpc/convert/nouns/flavors.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {


KN_CODEC(ListFlavors, v1::ListFlavorsRequest, KN_FIELD(flavor) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(CreateFlavor, v1::CreateFlavorRequest, KN_FIELD(flavor))
KN_CODEC(SetFlavor, v1::SetFlavorRequest, KN_FIELD(flavor) KN_FIELD(set) KN_FIELD(unset) KN_FIELD(sets_description)
                                                    KN_FIELD(description) KN_FIELD(add_project) KN_FIELD(remove_project))
KN_CODEC(DeleteFlavor, v1::DeleteFlavorRequest, KN_FIELD(flavor))

KN_CODEC(FlavorList, v1::FlavorList, KN_FIELD(flavors) KN_FIELD(more))

bool to_public(const ListFlavors::Reply& reply, Audience audience, v1::ListFlavorsReply* proto) {
  add_all(reply.flavors, proto->mutable_flavors(), kEncode);
  proto->set_more(reply.more);
  // Which projects there are is not for everybody.
  if (audience != Audience::kAdmin)
    for (v1::Flavor& flavor : *proto->mutable_flavors()) flavor.clear_projects();
  return true;
}
bool to_public(const CreateFlavor::Reply& reply, Audience, v1::CreateFlavorReply* proto) {
  return add_first(reply.flavors, proto->mutable_flavor(), kEncode);
}
bool to_public(const SetFlavor::Reply& reply, Audience, v1::SetFlavorReply* proto) {
  return add_first(reply.flavors, proto->mutable_flavor(), kEncode);
}
KN_EMPTY_REPLY(DeleteFlavor)

}  // namespace kilonova::rpc
