#include "domain/nouns/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/nouns/key_pair.h"
#include "domain/nouns/network_part.h"
#include "domain/port_list.h"
#include "domain/states.h"

namespace kilonova {
namespace {

Expected<> check_zone(std::string_view zone) {
  if (zone.empty()) return {};
  if (auto name = check_name("the availability zone", zone); !name) return name;
  size_t colon = zone.find(':');
  if (colon == std::string_view::npos) return {};
  std::string_view host = zone.substr(colon + 1);
  if (colon == 0 || host.empty() || host.find(':') != std::string_view::npos)
    return refuse(fmt::format("the availability zone {} must be 'zone' or 'zone:host'", in_quotes(zone)));
  return {};
}

Expected<> check_server_ids(std::string_view hint, const std::vector<std::string>& ids) {
  if (ids.size() > kMaxHintedServers)
    return refuse(
        fmt::format("the hint {} names {} servers; it may name at most {}", hint, ids.size(), kMaxHintedServers));
  for (const std::string& id : ids)
    if (!parse_uuid(id))
      return refuse(fmt::format("the hint {} names {}, which is no id of a server", hint, in_quotes(id)));
  return {};
}

// nova/compute/api.py, in its words.
Expected<> check_one_host(const CreateServers& request) {
  if (request.requested_host.empty() || request.availability_zone.find(':') == std::string::npos) return {};
  return refuse(
      "One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are "
      "mutually exclusive.");
}

Expected<> check_network(const std::string& network) {
  if (!network.starts_with(kPortPrefix)) return check_reference("network", network);
  if (ports_of(network)) return {};
  return refuse(fmt::format("the network {} must be '{}' and the id of a port for each server, with commas between",
                            in_quotes(network), kPortPrefix));
}

// Nova's policies of all_tenants.
std::string_view all_projects_only(bool all_projects) { return all_projects ? "all_projects" : ""; }

}  // namespace

// nova/api/openstack/compute/schemas/servers.py, from 2.90 on: a label of RFC 1123.
Expected<> check_hostname(std::string_view hostname) {
  if (hostname.empty()) return {};
  const bool bounded = hostname.front() != '-' && hostname.back() != '-' && hostname.size() >= 2;
  if (bounded && check_word("the hostname", hostname, "-", 63)) return {};
  return refuse(fmt::format("the hostname {} must be 2 to 63 letters, digits and hyphens, with no hyphen at either end",
                            in_quotes(hostname)));
}

Expected<> CreateServers::check() const {
  if (max_count > kMaxServersPerCall || min_count > kMaxServersPerCall)
    return refuse(fmt::format("{} servers are asked for; one call creates at most {}", std::max(max_count, min_count),
                              kMaxServersPerCall));
  if (min_count == 0 || max_count == 0)
    return refuse(fmt::format("the count of servers is 0; it must be from 1 to {}", kMaxServersPerCall));
  if (min_count > max_count) return refuse(fmt::format("min_count {} is above max_count {}", min_count, max_count));
  if (networks.size() > kMaxNetworksPerServer)
    return refuse(
        fmt::format("{} networks are asked for; a server has at most {}", networks.size(), kMaxNetworksPerServer));
  for (const std::string& network : networks)
    if (auto reference = check_network(network); !reference) return reference;
  if (security_groups.size() > kMaxGroupsPerServer)
    return refuse(fmt::format("{} security groups are asked for; a server has at most {}", security_groups.size(),
                              kMaxGroupsPerServer));
  for (const std::string& group : security_groups)
    if (auto reference = check_reference("security group", group); !reference) return reference;
  return check_all(check_name("the server's name", name), check_reference("flavor", flavor),
                   check_reference("image", image), check_key_name_or_none(key_name), check_zone(availability_zone),
                   check_client_token(client_token), check_text("the description", description),
                   check_metadata(metadata), check_tags(tags), check_user_data(user_data), check_access(access),
                   check_text("the server group", server_group), check_server_ids("same_host", same_host),
                   check_server_ids("different_host", different_host), check_hostname(hostname),
                   check_text("the requested host", requested_host), check_one_host(*this));
}

// Nova's policies os_compute_api:servers:create:forced_host and compute:servers:create:requested_destination.
std::string_view CreateServers::admin_only(const RequestContext&) const {
  if (!requested_host.empty()) return "a requested host";
  return availability_zone.find(':') != std::string::npos ? "a forced host ('zone:host')" : "";
}

Expected<> GetServer::check() const { return check_reference("server", server); }
std::string_view GetServer::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

Expected<> ListServers::check() const {
  if (!status.empty() && !find_status(status))
    return refuse(fmt::format("status {} is unknown; it must be one of {}", in_quotes(status), known_statuses()));
  if (!marker.empty() && !parse_uuid(marker))
    return refuse(fmt::format("the marker {} must be the id of the last server of the page before", in_quotes(marker)));
  return check_all(check_text("the name filter", name), check_text("the host filter", host), check_limit(limit));
}

std::string_view ListServers::admin_only(const RequestContext&) const {
  return all_projects ? "all_projects" : host.empty() ? "" : "the filter by host";
}

Expected<> SetServer::check() const {
  for (const std::string& key : unset_metadata)
    if (auto good = check_word("the metadata key", key, "-_:. "); !good) return good;
  return check_all(check_reference("server", server),
                   name.empty() ? Expected<>() : check_name("the server's name", name),
                   check_text("the description", description), check_metadata(set_metadata), check_tags(add_tags),
                   check_tags(remove_tags), check_access(access), check_hostname(hostname));
}
std::string_view SetServer::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

Expected<> LockServer::check() const {
  return check_all(check_reference("server", server), check_text("the reason", reason));
}
std::string_view LockServer::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

Expected<> DeleteServer::check() const { return check_reference("server", server); }
std::string_view DeleteServer::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

Expected<> ServerAction::check() const {
  const ServerActionInfo* known = find_action(action);
  if (!known || known->asked != ActionAsked::kPlain) {
    std::string names;
    for (const ServerActionInfo& info : server_actions())
      if (info.asked == ActionAsked::kPlain) names += fmt::format("{}{}", names.empty() ? "" : ", ", info.name);
    return refuse(fmt::format("action {} is unknown; it must be one of {}", static_cast<int>(action), names));
  }
  return check_reference("server", server);
}

// Actions of administrators.
std::string_view ServerAction::admin_only(const RequestContext& context) const {
  const ServerActionInfo* info = find_action(action);
  return info && context.role < info->role ? info->name : "";
}

Expected<> GetLaunchRecord::check() const { return check_reference("server", server); }
std::string_view GetLaunchRecord::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

Expected<> ListInstanceActions::check() const { return check_reference("server", server); }
std::string_view ListInstanceActions::admin_only(const RequestContext&) const {
  return all_projects_only(all_projects);
}

Expected<> ReadEvents::check() const { return check_limit(limit); }
std::string_view ReadEvents::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

}  // namespace kilonova
