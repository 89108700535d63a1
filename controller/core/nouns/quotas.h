// Quotas: projects without a row have the defaults. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/quota.h"
#include "domain/operation.h"

namespace kilonova::controller {

class Quotas {
 public:
  explicit Quotas(ControllerWorld& world) : world_(world) {}

  // kNotFound for a project that is not there, or is not the caller's.
  Expected<QuotaReply> handle(const GetQuota& request, const RequestContext& context) const;
  // Also kInvalidArgument for a limit below what is used, unless it is forced.
  Task<Expected<QuotaReply>> handle(SetQuota request, RequestContext context);

 private:
  QuotaReply reply_of(const Uuid& project) const;

  ControllerWorld& world_;
};

}  // namespace kilonova::controller
