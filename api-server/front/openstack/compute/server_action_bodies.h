// Actions of POST /servers/{id}/action whose bodies or answers are more than a key: server_actions.cc says which key is
// whose. A handler is called with a body of exactly one key, in a microversion that has it.
#pragma once

#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

Task<Answered> rebuild_server(Call& call);
Task<Answered> rescue_server(Call& call);
Task<Answered> change_password(Call& call);
Task<Answered> reset_state(Call& call);
Task<Answered> resize_server(Call& call);
Task<Answered> confirm_resize(Call& call);
Task<Answered> migrate_server(Call& call);
Task<Answered> live_migrate_server(Call& call);
Task<Answered> evacuate_server(Call& call);
Task<Answered> unshelve_server(Call& call);
Task<Answered> add_security_group(Call& call);
Task<Answered> remove_security_group(Call& call);
Task<Answered> add_fixed_ip(Call& call);
Task<Answered> remove_fixed_ip(Call& call);
Task<Answered> add_floating_ip(Call& call);
Task<Answered> remove_floating_ip(Call& call);
Task<Answered> create_image(Call& call);
Task<Answered> create_backup(Call& call);
Task<Answered> get_console_output(Call& call);
// os-getVNCConsole, os-getSPICEConsole, os-getRDPConsole, os-getSerialConsole.
Task<Answered> get_console(Call& call);

// The password that a server is said to have: the one that is given, or one that stays the same. No guest is there to
// take it.
std::string admin_password(const Json& given_in, const Uuid& server);

}  // namespace kilonova::api::openstack
