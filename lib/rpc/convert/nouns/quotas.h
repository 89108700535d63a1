// Quotas on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/quota.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(Quota, QuotaRecord)
KN_RECORD_MESSAGE(UserQuota, UserQuotaRecord)

KN_DECLARE_CODEC(Quota, QuotaRecord)
KN_DECLARE_CODEC(UserQuota, UserQuotaRecord)
KN_DECLARE_CODEC(QuotaUsage, QuotaUsageRecord)

void to_view(const Quota& quota, v1::Quota* view);
void to_view(const QuotaUsage& usage, v1::QuotaUsage* view);

// A limit left out must not become 0, nor the default: it stays.
void decode(const v1::SetQuotaRequest&, SetQuota*, Decoder&);

#define KN_QUOTA_CALLS(X)                 \
  X(GetQuota, get_quota, GetQuotaRequest) \
  X(SetQuota, set_quota, SetQuotaCall)
#define KN_QUOTA_REPLIES(X) X(QuotaReply, quota, QuotaAnswer, kQuota)
#define KN_QUOTA_METHODS(X) X(GetQuota) X(SetQuota)

KN_QUOTA_CALLS(KN_DECLARE_CALL)
KN_QUOTA_REPLIES(KN_DECLARE_REPLY)
KN_QUOTA_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
