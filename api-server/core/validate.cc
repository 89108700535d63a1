#include "api-server/core/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "domain/launch_steps.h"
#include "domain/net.h"
#include "domain/states.h"
#include "domain/text_rules.h"

namespace kilonova::api {
namespace {

constexpr std::string_view kKeyNameCharacters = " @._-";
constexpr std::array<std::string_view, 11> kDiskFormats{"ami",   "ari", "aki", "vhd", "vhdx", "vmdk",
                                                        "raw",   "qcow2", "vdi", "iso", "ploop"};
constexpr int64_t kMaxFaultDelayUs = 86'400'000'000;

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::kInvalidArgument, std::move(message)); }

Expected<> check_reference(std::string_view what, std::string_view reference) {
  if (reference.empty()) return refuse(fmt::format("no {} is given; it needs an id or a name", what));
  return check_name(fmt::format("the {}", what), reference);
}

Expected<> check_amount(std::string_view what, int64_t value, int64_t least, int64_t most = kMaxAmount) {
  if (value >= least && value <= most) return {};
  return refuse(fmt::format("{} is {}; it must be from {} to {}", what, value, least, most));
}

Expected<> check_limit(uint32_t limit) { return check_amount("the limit", limit, 1, kMaxPageSize); }

// The first refusal of several checks.
template <class... Checks>
Expected<> check_all(Checks... checks) {
  Expected<> result;
  auto take = [&result](Expected<> check) { if (result && !check) result = std::move(check); };
  (take(std::move(checks)), ...);
  return result;
}

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

Expected<> check_client_token(std::string_view token) {
  bool printable = std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (printable && token.size() <= 64) return {};
  return refuse(fmt::format("the client token {} must be at most 64 printable ASCII characters", in_quotes(token)));
}

Expected<> check_key_name(std::string_view name) {
  if (auto word = check_word("the key pair's name", name, kKeyNameCharacters); !word) return word;
  return check_name("the key pair's name", name);
}

Expected<> check(const CreateServers& r) {
  if (r.max_count > kMaxServersPerCall || r.min_count > kMaxServersPerCall)
    return refuse(fmt::format("{} servers are asked for; one call creates at most {}",
                              std::max(r.max_count, r.min_count), kMaxServersPerCall));
  if (r.min_count == 0 || r.max_count == 0)
    return refuse(fmt::format("the count of servers is 0; it must be from 1 to {}", kMaxServersPerCall));
  if (r.min_count > r.max_count)
    return refuse(fmt::format("min_count {} is above max_count {}", r.min_count, r.max_count));
  if (r.networks.size() > kMaxNetworksPerServer)
    return refuse(fmt::format("{} networks are asked for; a server has at most {}", r.networks.size(),
                              kMaxNetworksPerServer));
  for (const std::string& network : r.networks)
    if (auto reference = check_reference("network", network); !reference) return reference;
  return check_all(check_name("the server's name", r.name), check_reference("flavor", r.flavor),
                check_reference("image", r.image), r.key_name.empty() ? Expected<>{} : check_key_name(r.key_name),
                check_zone(r.availability_zone), check_client_token(r.client_token));
}

Expected<> check(const GetServer& r) { return check_reference("server", r.server); }
Expected<> check(const DeleteServer& r) { return check_reference("server", r.server); }
Expected<> check(const GetLaunchRecord& r) { return check_reference("server", r.server); }

Expected<> check(const ServerAction& r) {
  if (r.action < ServerAction::Action::kStop || r.action > ServerAction::Action::kRebootHard)
    return refuse(fmt::format("action {} is unknown; it must be stop, start, reboot or hard reboot",
                              static_cast<int>(r.action)));
  return check_reference("server", r.server);
}

Expected<> check(const ListServers& r) {
  if (!r.status.empty() && !find_status(r.status))
    return refuse(fmt::format("status {} is unknown; it must be ACTIVE, BUILD, DELETED, ERROR, REBOOT, "
                              "HARD_REBOOT or SHUTOFF",
                              in_quotes(r.status)));
  if (!r.marker.empty() && !parse_uuid(r.marker))
    return refuse(fmt::format("the marker {} must be the id of the last server of the page before", in_quotes(r.marker)));
  return check_all(check_text("the name filter", r.name), check_text("the host filter", r.host), check_limit(r.limit));
}

Expected<> check(const ReadEvents& r) { return check_limit(r.limit); }

Expected<> check(const ListFlavors& r) { return check_text("the flavor", r.flavor); }
Expected<> check(const DeleteFlavor& r) { return check_reference("flavor", r.flavor); }
Expected<> check(const CreateFlavor& r) {
  const Flavor& f = r.flavor;
  if (!f.id.empty())
    if (auto id = check_all(check_word("the flavor's id", f.id, " ._-"), check_name("the flavor's id", f.id)); !id) return id;
  return check_all(check_name("the flavor's name", f.name), check_amount("vcpus", f.vcpus, 1),
                check_amount("ram (MiB)", f.memory_mb, 1), check_amount("disk (GiB)", f.root_gb, 0),
                check_amount("ephemeral disk (GiB)", f.ephemeral_gb, 0), check_amount("swap (MiB)", f.swap_mb, 0));
}

Expected<> check(const ListImages& r) { return check_text("the image", r.image); }
Expected<> check(const DeleteImage& r) { return check_reference("image", r.image); }
Expected<> check(const CreateImage& r) {
  if (std::find(kDiskFormats.begin(), kDiskFormats.end(), r.disk_format) == kDiskFormats.end())
    return refuse(fmt::format("disk format {} is unknown; it must be one of {}", in_quotes(r.disk_format),
                              fmt::join(kDiskFormats, ", ")));
  if (r.size_bytes > static_cast<uint64_t>(INT64_MAX))
    return refuse(fmt::format("the image's size is {} bytes; at most {} are allowed", r.size_bytes, INT64_MAX));
  return check_all(check_name("the image's name", r.name), check_amount("min_disk (GiB)", r.min_disk_gb, 0),
                check_amount("min_ram (MiB)", r.min_ram_mb, 0));
}

Expected<> check(const ListKeyPairs& r) { return check_text("the key pair", r.name); }
Expected<> check(const DeleteKeyPair& r) { return check_reference("key pair", r.name); }
Expected<> check(const CreateKeyPair& r) { return check_key_name(r.key_pair.name); }

Expected<> check(const ListNetworks& r) { return check_text("the network", r.network); }
Expected<> check(const DeleteNetwork& r) { return check_reference("network", r.network); }
Expected<> check(const ListLeases& r) { return check_all(check_reference("network", r.network), check_limit(r.limit)); }

Expected<> check(const CreateNetwork& r) {
  if (auto name = check_name("the network's name", r.name); !name) return name;
  std::optional<Cidr> cidr = parse_cidr(r.cidr);
  if (!cidr)
    return refuse(fmt::format("the cidr {} must be a network address such as 10.1.0.0/16, its host bits zero",
                              in_quotes(r.cidr)));
  if (cidr->prefix < 8 || cidr->prefix > 30)
    return refuse(fmt::format("the cidr {} has prefix /{}; it must be from /8 to /30", r.cidr, cidr->prefix));
  if (r.gateway.empty()) return {};
  std::optional<Ipv4> gateway = parse_ipv4(r.gateway);
  uint32_t last = cidr->network.value | (UINT32_MAX >> cidr->prefix);
  if (!gateway || gateway->value <= cidr->network.value || gateway->value >= last)
    return refuse(fmt::format("the gateway {} must be an address of {}, from {} to {}", in_quotes(r.gateway), r.cidr,
                              to_string(Ipv4{cidr->network.value + 1}), to_string(Ipv4{last - 1})));
  return {};
}

Expected<> check(const FindUser&) { return refuse("FindUser is no operation of clients; log in instead"); }
Expected<> check(const ListProjects& r) { return check_text("the project", r.project); }
Expected<> check(const DeleteProject& r) { return check_reference("project", r.project); }
Expected<> check(const CreateProject& r) {
  return check_all(check_name("the project's name", r.name, 64), check_text("the description", r.description));
}
Expected<> check(const ListUsers& r) { return check_text("the user", r.user); }
Expected<> check(const DeleteUser& r) { return check_reference("user", r.user); }
Expected<> check(const CreateUser& r) { return check_name("the user's name", r.name); }
Expected<> check(const GrantRole& r) {
  if (r.role > UserRole::kAdmin)
    return refuse(fmt::format("role {} is unknown; it must be none, reader, member or admin", static_cast<int>(r.role)));
  return check_all(check_reference("user", r.user), check_reference("project", r.project));
}
Expected<> check(const GetQuota& r) { return check_text("the project", r.project); }
Expected<> check(const SetQuota& r) {
  return check_all(check_text("the project", r.project), check_amount("the quota of instances", r.quota.instances, -1),
                check_amount("the quota of cores", r.quota.cores, -1),
                check_amount("the quota of ram (MiB)", r.quota.ram_mb, -1));
}

Expected<> check(const ListHosts& r) { return check_text("the host", r.host); }
Expected<> check(const SetHostEnabled& r) {
  return check_all(check_reference("host", r.host), check_text("the reason", r.reason));
}
Expected<> check(const ListServices&) { return {}; }
Expected<> check(const ListFaults&) { return {}; }
Expected<> check(const ClearFaults&) { return {}; }
Expected<> check(const GetCloudStatus&) { return {}; }
Expected<> check(const ReadBeliefs& r) {
  return check_all(check_beliefs_request(r.daemon, r), check_text("the position", r.after));
}

// Faults strike on the host of a try, so at the steps that it carries out (or, for 8, whose answer it awaits).
bool can_strike(LaunchStep step) { return step >= LaunchStep::kClaimed && step <= LaunchStep::kGuestStarted; }

std::string fault_steps() {
  std::string names;
  for (const LaunchStepInfo& info : launch_steps()) {
    if (!can_strike(info.step)) continue;
    if (!names.empty()) names += ", ";
    names += info.name;
  }
  return names;
}

Expected<> check(const AddFault& r) {
  const FaultRule& rule = r.rule;
  if (!can_strike(rule.step))
    return refuse(fmt::format("no fault can strike at step {}; it must be one of {}",
                              rule.step <= LaunchStep::kActive
                                  ? in_quotes(to_string(rule.step))
                                  : std::to_string(static_cast<int>(rule.step)),
                              fault_steps()));
  if (rule.count != -1 && rule.count < 1)
    return refuse(fmt::format("the count of the fault is {}; it must be 1 or more, or -1 for no limit", rule.count));
  if (!rule.fails && rule.delay == Duration{}) return refuse("the fault does nothing: let it fail, or give it a delay");
  if (!rule.fails && rule.aborts) return refuse("the fault aborts but does not fail: an abort is a kind of failure");
  return check_all(check_amount("the delay (microseconds)", rule.delay.us, 0, kMaxFaultDelayUs),
                check_text("the host pattern", rule.host_pattern), check_text("the server pattern", rule.server_pattern),
                check_text("the fault's message", rule.message));
}

}  // namespace

Expected<> validate(const ApiRequest& request) {
  return std::visit([](const auto& r) { return check(r); }, request);
}

Expected<> validate_password(std::string_view password) {
  if (password.empty()) return refuse("the password is empty");
  if (password.size() > kMaxPasswordLength)
    return refuse(fmt::format("the password has {} bytes; at most {} are allowed", password.size(), kMaxPasswordLength));
  return {};
}

Expected<> validate_key_type(std::string_view type) {
  if (type.empty() || type == "ssh" || type == "rsa" || type == "ed25519") return {};
  return refuse(fmt::format("key type {} is unknown; it must be rsa or ed25519", in_quotes(type)));
}

}  // namespace kilonova::api
