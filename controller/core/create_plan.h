// What a create call asks for, checked against what there is: pure, so that it is atomic and easy to test.
// Rules after nova/compute/api.py _validate_and_build_base_options, _check_requested_image, quotas_check and
// nova/utils.py sanitize_hostname.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "controller/core/record_tables.h"
#include "domain/nouns/image.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/resources.h"

namespace kilonova::controller {

struct CreatePlan {
  RequestSpec spec;
  uint32_t count = 0;  // between min_count and max_count: what the quota allows
  std::vector<std::vector<Uuid>> networks_of_each;  // by index, at least `count`; empty: those of `spec` for all
};

// `usage`: rows and reservations of the project; `usage_of_user`: those of the caller's in it. kInvalidArgument names the flavor, image, network, key or zone that is
// not there; kUnavailable while networks are unknown; kConflict when the network must be named; kQuotaExceeded with Nova's text.
Expected<CreatePlan> plan_create(const CreateServers& request, const RequestContext& context,
                                 const RecordTables& tables, const QuotaUsage& usage,
                                 const QuotaUsage& usage_of_user = {});

// An image that a server can be made of. kInvalidArgument when there is none of that id or name, or it is not active yet.
Expected<const Image*> find_active_image(const std::string& image, const RequestContext& context,
                                         const RecordTables& tables);
// Of this flavor: kInvalidArgument, too, when the image needs more than it has.
Expected<ImageRef> choose_image(const std::string& image, const RequestContext& context, const Flavor& flavor,
                                const RecordTables& tables);
// kInvalidArgument when the caller has no key pair of this name, unless it is "".
Expected<> check_key_pair(const std::string& name, const RequestContext& context, const RecordTables& tables);

// How many of up to `max_count` servers of this flavor the quota still allows; kQuotaExceeded when fewer than min_count.
Expected<uint32_t> allowed_count(const Flavor& flavor, uint32_t min_count, uint32_t max_count, const Quota& quota,
                                 const QuotaUsage& usage);

// Whether the quota allows so many cores and so much memory more: kQuotaExceeded with Nova's text.
Expected<> check_more(const QuotaUsage& extra, const Quota& quota, const QuotaUsage& usage);

// "web" for a single server, "web-1" to "web-N" for several: `count` is what is created, after the quota. The base is
// cut to what leaves room for the suffix, so that the name is as long as a name may be and no two are alike.
std::string server_name(std::string_view base, uint32_t index, uint32_t count);

// RFC 1123 form of the name that was asked for, cleaned and cut to 63 characters before the suffix of several servers
// is added, as Nova does it; "server-<uuid>" where nothing is left of the name.
std::string server_hostname(std::string_view base, uint32_t index, uint32_t count, const Uuid& uuid);

// Fingerprint of a request's content: a client token may be repeated with the same content only.
Uuid request_hash(const CreateServers& request);

}  // namespace kilonova::controller
