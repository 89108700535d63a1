// Nova: the files that are injected into a new server, up to microversion 2.56 (`personality`), and trusted
// certificates.
#pragma once

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/schema.h"

namespace kilonova::api::openstack {

Rule personality_rule();
// Of `trusted_image_certificates`.
Rule certificates_rule();

// Nova's quotas of injected files: 403 in its words. Files that are within them are not kept: hypervisors of Nova put
// them nowhere either, unless they are told to open the guest's disk ([libvirt] inject_partition).
Task<Answered> check_personality(Call& call, const Json& server);

}  // namespace kilonova::api::openstack
