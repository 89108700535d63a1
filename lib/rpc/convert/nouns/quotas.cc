#include "rpc/convert/nouns/quotas.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(Quota, v1::QuotaRecord,
         KN_FIELD(project_id) KN_FIELD(instances) KN_FIELD(cores) KN_FIELD(ram_mb) KN_FIELD(server_groups)
             KN_FIELD(server_group_members) KN_FIELD(key_pairs) KN_FIELD(metadata_items) KN_FIELD(injected_files)
                 KN_FIELD(injected_file_content_bytes) KN_FIELD(injected_file_path_bytes) KN_FIELD(fixed_ips)
                     KN_FIELD(floating_ips) KN_FIELD(security_groups) KN_FIELD(security_group_rules))
KN_CODEC(UserQuota, v1::UserQuotaRecord, KN_FIELD(user_id) KN_FIELD(limits))
KN_CODEC(QuotaUsage, v1::QuotaUsageRecord, KN_FIELD(instances) KN_FIELD(cores) KN_FIELD(ram_mb) KN_FIELD(server_groups))

KN_CODEC(GetQuota, v1::GetQuotaRequest, KN_FIELD(project) KN_FIELD(defaults) KN_FIELD(user))
KN_CODEC(SetQuota, v1::SetQuotaCall,
         KN_FIELD(project) KN_FIELD(quota) KN_FIELD(force) KN_FIELD(reset) KN_FIELD(defaults) KN_FIELD(user))

KN_CODEC(QuotaReply, v1::QuotaAnswer, KN_FIELD(quota) KN_FIELD(usage))

void to_view(const Quota& quota, v1::Quota* view) {
  view->set_project_id(to_hex(quota.project_id));
  view->set_instances(quota.instances);
  view->set_cores(quota.cores);
  view->set_ram_mb(quota.ram_mb);
  view->set_server_groups(quota.server_groups);
  view->set_server_group_members(quota.server_group_members);
  view->set_key_pairs(quota.key_pairs);
  view->set_metadata_items(quota.metadata_items);
  view->set_injected_files(quota.injected_files);
  view->set_injected_file_content_bytes(quota.injected_file_content_bytes);
  view->set_injected_file_path_bytes(quota.injected_file_path_bytes);
  view->set_fixed_ips(quota.fixed_ips);
  view->set_floating_ips(quota.floating_ips);
  view->set_security_groups(quota.security_groups);
  view->set_security_group_rules(quota.security_group_rules);
}

void to_view(const QuotaUsage& usage, v1::QuotaUsage* view) {
  view->set_instances(usage.instances);
  view->set_cores(usage.cores);
  view->set_ram_mb(usage.ram_mb);
  view->set_server_groups(usage.server_groups);
}

void decode(const v1::SetQuotaRequest& proto, SetQuota* set, Decoder&) {
  set->project = proto.project();
  set->quota = unchanged_quota();
#define KN_LIMIT(name) \
  if (proto.has_##name()) set->quota.name = proto.name();
  KN_LIMIT(instances)
  KN_LIMIT(cores)
  KN_LIMIT(ram_mb) KN_LIMIT(server_groups) KN_LIMIT(server_group_members) KN_LIMIT(key_pairs) KN_LIMIT(metadata_items)
      KN_LIMIT(injected_files) KN_LIMIT(injected_file_content_bytes) KN_LIMIT(injected_file_path_bytes)
          KN_LIMIT(fixed_ips) KN_LIMIT(floating_ips) KN_LIMIT(security_groups) KN_LIMIT(security_group_rules)
#undef KN_LIMIT
              set->force = proto.force();
  set->reset = proto.reset();
  set->defaults = proto.defaults();
  set->user = proto.user();
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
