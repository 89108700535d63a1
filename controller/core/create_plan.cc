#include "controller/core/create_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network_part.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/port_list.h"
#include "domain/resources.h"
#include "domain/server_properties.h"

namespace kilonova::controller {
namespace {

// Of one nic: what it is of each server, or the one thing that it is of all.
using NicChoice = std::vector<Uuid>;

// Ports, one for each server: whether it may have it, the network-controller says, which has it.
Expected<NicChoice> choose_ports(std::string_view name, uint32_t max_count) {
  std::optional<std::vector<Uuid>> ports = ports_of(name);
  if (!ports) return fail(ErrorCode::kInvalidArgument, fmt::format("network '{}' is no list of ports' ids", name));
  if (ports->size() == max_count) return *std::move(ports);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} ports are named for {} servers: each needs one of its own", ports->size(), max_count));
}

Expected<std::vector<NicChoice>> choose_networks(const CreateServers& request, const RequestContext& context,
                                                 const RecordTables& tables) {
  std::vector<NicChoice> chosen;
  if (!tables.networks_heard)
    return fail(ErrorCode::kUnavailable, "the network-controller has not connected yet: try again");
  if (request.networks.size() == 1 && request.networks.front() == kNoNetwork) return chosen;
  if (request.networks.empty()) {
    auto usable = tables.usable_networks(context.project_id);
    if (usable.size() > 1)
      return fail(ErrorCode::kConflict, "Multiple possible networks found, use a Network ID to be more specific.");
    for (const Network* network : usable) chosen.push_back({network->id});
    return chosen;
  }
  for (const std::string& name : request.networks) {
    if (name.starts_with(kPortPrefix)) {
      auto ports = choose_ports(name, request.max_count);
      if (!ports) return std::unexpected(ports.error());
      chosen.push_back(*std::move(ports));
      continue;
    }
    const Network* network = tables.find_network(name, context.project_id);
    if (!network)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("network '{}' not found: give the id or name of one in `kilonova network list`", name));
    if (!may_attach(*network, context.project_id, context.is_admin()))
      return fail(ErrorCode::kPermissionDenied,
                  fmt::format("network '{}' is external: only an administrator may attach servers to it", name));
    chosen.push_back({network->id});
  }
  return chosen;
}

// The nics of the server with this index.
std::vector<Uuid> nics_of(const std::vector<NicChoice>& chosen, uint32_t index) {
  std::vector<Uuid> nics;
  for (const NicChoice& choice : chosen) nics.push_back(choice.size() == 1 ? choice.front() : choice[index]);
  return nics;
}

// Nova: nova/compute/api.py, the requested destination.
Expected<> choose_requested_host(const CreateServers& request, const RecordTables& tables, RequestSpec& spec) {
  if (request.requested_host.empty()) return {};
  if (!tables.of<Host>().contains(request.requested_host))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Compute host {} could not be found.", request.requested_host));
  spec.requested_host = request.requested_host;
  return {};
}

// "zone", or "zone:host" for administrators (Nova: forced host, skips all filters).
Expected<> choose_zone(const CreateServers& request, const RequestContext& context, const RecordTables& tables,
                       RequestSpec& spec) {
  if (request.availability_zone.empty()) return {};
  size_t colon = request.availability_zone.find(':');
  std::string zone = request.availability_zone.substr(0, colon);
  if (!zone.empty() && !tables.zone_exists(zone))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("availability zone '{}' is not available: no enabled host is in it", zone));
  spec.availability_zone = zone;
  if (colon == std::string::npos) return {};
  std::string host = request.availability_zone.substr(colon + 1);
  if (!context.is_admin())
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("'{}' names a host: only an administrator may choose it", request.availability_zone));
  if (!tables.of<Host>().contains(host))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("host '{}' not found: give the name of one in `kilonova host list`", host));
  spec.forced_host = host;
  return {};
}

std::unexpected<Error> no_image(const std::string& image) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("image '{}' not found: give the id or name of one in `kilonova image list`", image));
}

struct QuotaLine {
  std::string_view name;
  int64_t requested;
  int64_t used;
  int64_t limit;
};

std::string quota_message(const std::vector<QuotaLine>& lines) {
  std::vector<std::string> names, requested, used, limits;
  for (const QuotaLine& line : lines) {
    if (line.limit < 0 || line.used + line.requested <= line.limit) continue;
    names.emplace_back(line.name);
    requested.push_back(fmt::format("{}", line.requested));
    used.push_back(fmt::format("{}", line.used));
    limits.push_back(fmt::format("{}", line.limit));
  }
  return fmt::format("Quota exceeded for {}: Requested {}, but already used {} of {} {}", fmt::join(names, ", "),
                     fmt::join(requested, ", "), fmt::join(used, ", "), fmt::join(limits, ", "),
                     fmt::join(names, ", "));
}

int64_t room(int64_t limit, int64_t used, int64_t each, int64_t wanted) {
  if (limit < 0 || each == 0) return wanted;
  return std::clamp<int64_t>((limit - used) / each, 0, wanted);
}

constexpr size_t kNameCharacters = 255;     // of a server's name, as the api-server takes it
constexpr size_t kHostnameCharacters = 63;  // of a label, RFC 1123

// "" for a single server.
std::string suffix_of(uint32_t index, uint32_t count) { return count == 1 ? "" : fmt::format("-{}", index + 1); }

// At most so many characters of UTF-8.
std::string_view first_characters(std::string_view text, size_t limit) {
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins && characters++ == limit) break;
  }
  return text.substr(0, end);
}

// Two independent FNV-1a hashes side by side.
void fold(uint64_t (&hash)[2], std::string_view text) {
  for (auto& h : hash) {
    for (unsigned char c : text) h = (h ^ c) * 0x100000001b3ULL;
    h = (h ^ 0x1ff) * 0x100000001b3ULL;
  }
}

}  // namespace

Expected<const Image*> find_active_image(const std::string& image, const RequestContext& context,
                                         const RecordTables& tables) {
  const Image* found = tables.find_image(image, context.project_id, context.is_admin());
  if (!found) return no_image(image);
  if (found->status != "active")
    return fail(ErrorCode::kInvalidArgument, fmt::format("Image {} is not active.", to_string(found->id)));
  return found;
}

Expected<ImageRef> choose_image(const std::string& image, const RequestContext& context, const Flavor& flavor,
                                const RecordTables& tables) {
  auto found = find_active_image(image, context, tables);
  if (!found) return std::unexpected(found.error());
  const Image& chosen = **found;
  if (chosen.min_ram_mb > flavor.memory_mb)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("flavor '{}' has {} MiB of memory, image '{}' needs at least {}", flavor.name,
                            flavor.memory_mb, chosen.name, chosen.min_ram_mb));
  if (chosen.min_disk_gb > flavor.root_gb && flavor.root_gb != 0)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("flavor '{}' has a root disk of {} GiB, image '{}' needs at least {}", flavor.name,
                            flavor.root_gb, chosen.name, chosen.min_disk_gb));
  return ImageRef{chosen.id, chosen.name, chosen.size_bytes};
}

Expected<> check_key_pair(const std::string& name, const RequestContext& context, const RecordTables& tables) {
  if (name.empty() || tables.of<KeyPair>().contains({context.user_id, name})) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("key pair '{}' not found: give the name of one in `kilonova keypair list`", name));
}

Expected<uint32_t> allowed_count(const Flavor& flavor, uint32_t min_count, uint32_t max_count, const Quota& quota,
                                 const QuotaUsage& usage) {
  int64_t allowed = max_count;
  allowed = std::min(allowed, room(quota.instances, usage.instances, 1, max_count));
  allowed = std::min(allowed, room(quota.cores, usage.cores, flavor.vcpus, max_count));
  allowed = std::min(allowed, room(quota.ram_mb, usage.ram_mb, flavor.memory_mb, max_count));
  if (allowed >= min_count) return static_cast<uint32_t>(allowed);
  int64_t n = min_count;
  return fail(ErrorCode::kQuotaExceeded, quota_message({{"cores", n * flavor.vcpus, usage.cores, quota.cores},
                                                        {"instances", n, usage.instances, quota.instances},
                                                        {"ram", n * flavor.memory_mb, usage.ram_mb, quota.ram_mb}}));
}

Expected<> check_more(const QuotaUsage& extra, const Quota& quota, const QuotaUsage& usage) {
  const std::vector<QuotaLine> lines{{"cores", extra.cores, usage.cores, quota.cores},
                                     {"instances", extra.instances, usage.instances, quota.instances},
                                     {"ram", extra.ram_mb, usage.ram_mb, quota.ram_mb}};
  std::vector<QuotaLine> over;
  for (const QuotaLine& line : lines)
    if (line.requested > 0 && line.limit >= 0 && line.used + line.requested > line.limit) over.push_back(line);
  if (over.empty()) return {};
  return fail(ErrorCode::kQuotaExceeded, quota_message(over));
}

Expected<CreatePlan> plan_create(const CreateServers& request, const RequestContext& context,
                                 const RecordTables& tables, const QuotaUsage& usage, const QuotaUsage& usage_of_user) {
  CreatePlan plan;
  RequestSpec& spec = plan.spec;
  spec.project_id = context.project_id;
  spec.user_id = context.user_id;
  const Flavor* flavor = tables.find_flavor(request.flavor, context.is_admin(), context.project_id);
  if (!flavor || (request.ids_only && flavor->id != request.flavor))
    return fail(ErrorCode::kInvalidArgument, fmt::format("flavor '{}' not found: give the id or name of one in "
                                                         "`kilonova flavor list`",
                                                         request.flavor));
  spec.flavor = *flavor;
  spec.flavor.description.clear();
  spec.flavor.projects.clear();
  auto image = choose_image(request.image, context, *flavor, tables);
  if (!image) return std::unexpected(image.error());
  if (request.ids_only && image->id != parse_uuid(request.image)) return no_image(request.image);
  spec.image = *image;
  auto networks = choose_networks(request, context, tables);
  if (!networks) return std::unexpected(networks.error());
  spec.networks = nics_of(*networks, 0);
  if (std::ranges::any_of(*networks, [](const NicChoice& choice) { return choice.size() > 1; }))
    for (uint32_t i = 0; i < request.max_count; ++i) plan.networks_of_each.push_back(nics_of(*networks, i));
  if (auto key = check_key_pair(request.key_name, context, tables); !key) return std::unexpected(key.error());
  spec.key_name = request.key_name;
  spec.security_groups = request.security_groups;
  if (spec.security_groups.empty()) spec.security_groups = {"default"};
  if (auto zone = choose_zone(request, context, tables, spec); !zone) return std::unexpected(zone.error());
  if (auto host = choose_requested_host(request, tables, spec); !host) return std::unexpected(host.error());
  const Quota of_user = tables.quota(context.project_id, context.user_id);
  if (auto few = check_metadata_quota(request.metadata, of_user.metadata_items); !few)
    return std::unexpected(few.error());
  auto count = allowed_count(*flavor, request.min_count, request.max_count, tables.quota(context.project_id), usage);
  if (count && tables.has_own_quota(context.project_id, context.user_id))
    count = allowed_count(*flavor, request.min_count, *count, of_user, usage_of_user);
  if (!count) return std::unexpected(count.error());
  plan.count = *count;
  return plan;
}

std::string server_name(std::string_view base, uint32_t index, uint32_t count) {
  std::string suffix = suffix_of(index, count);
  return std::string(first_characters(base, kNameCharacters - suffix.size())) + suffix;
}

std::string server_hostname(std::string_view base, uint32_t index, uint32_t count, const Uuid& uuid) {
  std::string suffix = suffix_of(index, count);
  std::string hostname;
  for (char c : base) {
    if (c == ' ' || c == '_' || c == '.') c = '-';
    c = to_lower(c);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') hostname += c;
  }
  hostname.resize(std::min(hostname.size(), kHostnameCharacters - suffix.size()));
  hostname.erase(0, std::min(hostname.find_first_not_of('-'), hostname.size()));
  hostname.erase(hostname.find_last_not_of('-') + 1);
  return hostname.empty() ? "server-" + to_string(uuid) : hostname + suffix;
}

Uuid request_hash(const CreateServers& request) {
  uint64_t hash[2] = {0xcbf29ce484222325ULL, 0x84222325cbf29ce4ULL};
  for (std::string_view text :
       {std::string_view(request.name), std::string_view(request.flavor), std::string_view(request.image),
        std::string_view(request.key_name), std::string_view(request.availability_zone)})
    fold(hash, text);
  for (const std::string& network : request.networks) fold(hash, network);
  fold(hash, fmt::format("{} {}", request.min_count, request.max_count));
  // Only what is there, so that a token of an older build still names its request.
  if (!request.description.empty()) fold(hash, "description " + request.description);
  for (const MetadataItem& item : request.metadata) fold(hash, fmt::format("metadata {} {}", item.key, item.value));
  for (const std::string& tag : request.tags) fold(hash, "tag " + tag);
  if (!request.user_data.empty()) fold(hash, "user data " + request.user_data);
  if (request.config_drive) fold(hash, "config drive");
  if (!request.server_group.empty()) fold(hash, "server group " + request.server_group);
  for (const std::string& id : request.same_host) fold(hash, "same host " + id);
  for (const std::string& id : request.different_host) fold(hash, "different host " + id);
  if (!request.hostname.empty()) fold(hash, "hostname " + request.hostname);
  for (const std::string& group : request.security_groups) fold(hash, "security group " + group);
  if (!request.access.empty())
    fold(hash, fmt::format("access {} {} {}", request.access.access_ip_v4, request.access.access_ip_v6,
                           request.access.auto_disk_config));
  for (const std::string& id : request.access.trusted_image_certificates) fold(hash, "trusted certificate " + id);
  if (!request.requested_host.empty()) fold(hash, "requested host " + request.requested_host);
  Uuid result;
  __builtin_memcpy(result.bytes.data(), hash, 16);
  return result;
}

}  // namespace kilonova::controller
