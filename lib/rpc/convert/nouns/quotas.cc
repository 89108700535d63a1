#include "rpc/convert/nouns/quotas.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(Quota, v1::QuotaRecord, KN_FIELD(project_id) KN_FIELD(instances) KN_FIELD(cores) KN_FIELD(ram_mb))
KN_CODEC(QuotaUsage, v1::QuotaUsageRecord, KN_FIELD(instances) KN_FIELD(cores) KN_FIELD(ram_mb))

KN_CODEC(GetQuota, v1::GetQuotaRequest, KN_FIELD(project))
KN_CODEC(SetQuota, v1::SetQuotaCall, KN_FIELD(project) KN_FIELD(quota) KN_FIELD(force))

KN_CODEC(QuotaReply, v1::QuotaAnswer, KN_FIELD(quota) KN_FIELD(usage))

void to_view(const Quota& quota, v1::Quota* view) {
  view->set_project_id(to_hex(quota.project_id));
  view->set_instances(quota.instances);
  view->set_cores(quota.cores);
  view->set_ram_mb(quota.ram_mb);
}

void to_view(const QuotaUsage& usage, v1::QuotaUsage* view) {
  view->set_instances(usage.instances);
  view->set_cores(usage.cores);
  view->set_ram_mb(usage.ram_mb);
}

void decode(const v1::SetQuotaRequest& proto, SetQuota* set, Decoder& decoder) {
  if (!proto.has_instances() || !proto.has_cores() || !proto.has_ram_mb())
    return decoder.fail("instances, cores and ram_mb are needed, each a number or -1 for unlimited");
  set->project = proto.project();
  set->quota = {};
  set->quota.instances = proto.instances();
  set->quota.cores = proto.cores();
  set->quota.ram_mb = proto.ram_mb();
  set->force = proto.force();
}

namespace {

template <class Proto>
bool show_quota(const QuotaReply& reply, Proto* proto) {
  to_view(reply.quota, proto->mutable_quota());
  to_view(reply.usage, proto->mutable_usage());
  return true;
}

}  // namespace

bool to_public(const GetQuota::Reply& reply, Audience, v1::GetQuotaReply* proto) { return show_quota(reply, proto); }
bool to_public(const SetQuota::Reply& reply, Audience, v1::SetQuotaReply* proto) { return show_quota(reply, proto); }

}  // namespace kilonova::rpc
