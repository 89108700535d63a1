#include "rpc/convert/nouns/hosts.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(Host, v1::HostRecord,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(zone) KN_FIELD(total) KN_FIELD(process) KN_FIELD(enabled)
             KN_FIELD(disabled_reason) KN_TIME(created_at) KN_FIELD(forced_down))
KN_CODEC(HostView, v1::HostView, KN_FIELD(host) KN_FIELD(used) KN_FIELD(instances) KN_FIELD(up) KN_TIME(last_seen))

KN_CODEC(ListHosts, v1::ListHostsRequest, KN_FIELD(host) KN_FIELD(limit) KN_FIELD(marker) KN_FIELD(hosts))
KN_CODEC(SetHostEnabled, v1::SetHostEnabledRequest, KN_FIELD(host) KN_FIELD(enabled) KN_FIELD(reason))
KN_CODEC(SetHostForcedDown, v1::SetHostForcedDownRequest, KN_FIELD(host) KN_FIELD(forced_down))
KN_CODEC(SetHostPower, v1::SetHostPowerRequest, KN_FIELD(host) KN_FIELD(on))
KN_CODEC(DeleteHost, v1::DeleteHostRequest, KN_FIELD(host))

KN_CODEC(HostList, v1::HostList, KN_FIELD(hosts) KN_FIELD(more))

void to_view(const HostView& view_of, v1::Host* view) {
  const Host& host = view_of.host;
  view->set_id(host.id);
  put_text(host.name, view->mutable_name());
  put_text(host.zone, view->mutable_zone());
  encode(host.total, view->mutable_total());
  encode(view_of.used, view->mutable_used());
  view->set_instances(view_of.instances);
  view->set_process(to_string(host.process));
  view->set_enabled(host.enabled);
  put_text(host.disabled_reason, view->mutable_disabled_reason());
  view->set_up(view_of.up);
  view->set_last_seen_us(view_of.last_seen.us);
  view->set_created_at_us(host.created_at.us);
  view->set_forced_down(host.forced_down);
}

bool to_public(const ListHosts::Reply& reply, Audience, v1::ListHostsReply* proto) {
  add_all(reply.hosts, proto->mutable_hosts(), kToView);
  proto->set_more(reply.more);
  return true;
}
KN_EMPTY_REPLY(SetHostEnabled)
KN_EMPTY_REPLY(SetHostForcedDown)
KN_EMPTY_REPLY(SetHostPower)
KN_EMPTY_REPLY(DeleteHost)

}  // namespace kilonova::rpc
