// Quotas: projects without a row have the defaults. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/instance.h"
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
  QuotaReply reply_of(const Uuid& project, const Uuid& user) const;
  Task<Expected<>> set_of_user(const SetQuota& request, Uuid project, Uuid user);
  Task<Expected<>> set_of_project(const SetQuota& request, Uuid project);

  ControllerWorld& world_;
};

// Whether the project, and the user whose server it is, may use so much more: kQuotaExceeded with Nova's text.
Expected<> check_room(const ControllerWorld& world, const Instance& server, const QuotaUsage& extra);

}  // namespace kilonova::controller
