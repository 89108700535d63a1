// Every small record that the controller stores: kept whole in memory and in a table each. The stores, ControllerState, the
// controller's tables and the export walk this list; a record that is added here is in all of them.
#pragma once

#include "base/type_list.h"
#include "domain/client_token.h"
#include "domain/deleted_server.h"
#include "domain/instance_action.h"
#include "domain/move.h"
#include "domain/nouns/aggregate.h"
#include "domain/nouns/api_record.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server_group.h"
#include "domain/nouns/user.h"
#include "domain/server_properties.h"
#include "domain/setting.h"

namespace kilonova {

using StoredRecords =
    TypeList<Flavor, Image, KeyPair, Project, User, RoleAssignment, Quota, Host, FaultRule, ClientToken, Setting,
             Aggregate, ServerProperties, InstanceAction, ApiRecord, Migration, ServerGroup, UserQuota, FaultHit,
             DeletedServer>;

}  // namespace kilonova
