// Images: public ones are everybody's to use, and their owner's to delete. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/image.h"
#include "domain/operation.h"

namespace kilonova::controller {

class Images {
 public:
  explicit Images(ControllerWorld& world) : world_(world) {}

  // kNotFound for an image that is named and not there; kPermissionDenied for a public image of somebody who is no admin, and
  // for deleting an image of another project, or a protected one. Administrators see all. PutImage: kAlreadyExists for an
  // id that is taken, kConflict where another writer was faster, kQuotaExceeded for one image too many.
  Expected<ImageList> handle(const ListImages& request, const RequestContext& context) const;
  Task<Expected<ImageList>> handle(CreateImage request, RequestContext context);
  Task<Expected<ImageList>> handle(PutImage request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteImage request, RequestContext context);

 private:
  Expected<> check_quota(const Uuid& project) const;

  ControllerWorld& world_;
};

}  // namespace kilonova::controller
