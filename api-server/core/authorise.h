// May this caller ask that? Pure. The role of each operation stands with it (domain/nouns), and so does what single
// fields ask for beyond it, as Nova's and Glance's default policies have it: admin_only().
#pragma once

#include "base/error.h"
#include "domain/messages.h"
#include "domain/operation.h"

namespace kilonova::api {

// kPermissionDenied with the operation or field and the role it needs.
Expected<> authorise(const RequestContext& context, const ApiRequest& request);

}  // namespace kilonova::api
