// Rows with something in every field, drawn from a seed, hostile strings among them.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "domain/client_token.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/project.h"
#include "domain/nouns/server_group.h"
#include "domain/nouns/user.h"
#include "domain/resources.h"
#include "domain/server_properties.h"
#include "domain/watch_event.h"
#include "ports/controller_store.h"

namespace kilonova {

// Text that a store may trip over: separators, escapes, NUL, broken UTF-8, SQL, nothing.
std::string hostile_text(Random& random);
const std::vector<std::string>& hostile_texts();

Instance sample_instance(Random& random, int64_t id);
// The same server later: everything that UpdateInstance may change is drawn anew.
Placement sample_placement(Random& random);
Move sample_move(Random& random);
Migration sample_migration(Random& random, int64_t id);
RequestSpec sample_spec(Random& random);
Instance changed_instance(Random& random, Instance row);
Allocation sample_allocation(Random& random, const Uuid& instance);
mutation::AppendLaunchRecord sample_launch_record(Random& random, const Uuid& instance);
WatchEvent sample_event(Random& random, uint64_t revision);
Flavor sample_flavor(Random& random);
ServerProperties sample_properties(Random& random, const Uuid& instance);
Image sample_image(Random& random);
KeyPair sample_key_pair(Random& random);
Project sample_project(Random& random);
User sample_user(Random& random);
Host sample_host(Random& random, int64_t id);
ServerGroup sample_server_group(Random& random);
FaultRule sample_fault_rule(Random& random, uint64_t id);
FaultHit sample_fault_hit(Random& random, uint64_t rule_id);
UserQuota sample_user_quota(Random& random, const Uuid& user, const Uuid& project);
DeletedServer sample_deleted_server(Random& random, int64_t number);
ClientToken sample_client_token(Random& random, const Uuid& project);

}  // namespace kilonova
