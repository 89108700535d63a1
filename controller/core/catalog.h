// Flavors, images and key pairs: validated against what there is, committed, answered. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/api.h"

namespace kilonova::controller {

class Catalog {
 public:
  explicit Catalog(ControllerWorld& world) : world_(world) {}

  // kNotFound where an id or name is given that is not there; kAlreadyExists for a taken id or name; kPermissionDenied for
  // an image of another project.
  Expected<ApiResponse> list(const ListFlavors& request, const RequestContext& context) const;
  Expected<ApiResponse> list(const ListImages& request, const RequestContext& context) const;
  Expected<ApiResponse> list(const ListKeyPairs& request, const RequestContext& context) const;
  Task<Expected<ApiResponse>> create(CreateFlavor request);
  Task<Expected<ApiResponse>> remove(DeleteFlavor request);
  Task<Expected<ApiResponse>> create(CreateImage request, RequestContext context);
  Task<Expected<ApiResponse>> remove(DeleteImage request, RequestContext context);
  Task<Expected<ApiResponse>> create(CreateKeyPair request, RequestContext context);
  Task<Expected<ApiResponse>> remove(DeleteKeyPair request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
