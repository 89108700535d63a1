#include "domain/api.h"

#include <array>
#include <type_traits>

namespace kilonova {
namespace {

struct Rule {
  std::string_view name;
  UserRole role;
};

// In the order of ApiRequest.
constexpr std::array<Rule, std::variant_size_v<ApiRequest>> kRules{{
    {"CreateServers", UserRole::kMember}, {"GetServer", UserRole::kReader},
    {"ListServers", UserRole::kReader},   {"DeleteServer", UserRole::kMember},
    {"ServerAction", UserRole::kMember},  {"GetLaunchRecord", UserRole::kReader},
    {"ReadEvents", UserRole::kReader},    {"ListFlavors", UserRole::kReader},
    {"CreateFlavor", UserRole::kAdmin},   {"DeleteFlavor", UserRole::kAdmin},
    {"ListImages", UserRole::kReader},    {"CreateImage", UserRole::kMember},
    {"DeleteImage", UserRole::kMember},   {"ListKeyPairs", UserRole::kReader},
    {"CreateKeyPair", UserRole::kMember}, {"DeleteKeyPair", UserRole::kMember},
    {"ListNetworks", UserRole::kReader},  {"CreateNetwork", UserRole::kMember},
    {"DeleteNetwork", UserRole::kMember}, {"ListLeases", UserRole::kReader},
    {"FindUser", UserRole::kAdmin},       {"ListProjects", UserRole::kAdmin},
    {"CreateProject", UserRole::kAdmin},  {"DeleteProject", UserRole::kAdmin},
    {"ListUsers", UserRole::kAdmin},      {"CreateUser", UserRole::kAdmin},
    {"DeleteUser", UserRole::kAdmin},     {"GrantRole", UserRole::kAdmin},
    {"GetQuota", UserRole::kReader},      {"SetQuota", UserRole::kAdmin},
    {"ListHosts", UserRole::kAdmin},      {"SetHostEnabled", UserRole::kAdmin},
    {"ListServices", UserRole::kAdmin},   {"AddFault", UserRole::kAdmin},
    {"ListFaults", UserRole::kAdmin},     {"ClearFaults", UserRole::kAdmin},
    {"GetCloudStatus", UserRole::kReader}, {"ReadBeliefs", UserRole::kAdmin},
}};

}  // namespace

std::string_view request_name(const ApiRequest& request) { return kRules[request.index()].name; }

UserRole required_role(const ApiRequest& request) { return kRules[request.index()].role; }

bool is_network_request(const ApiRequest& request) {
  return std::visit(
      [](const auto& r) {
        using T = std::decay_t<decltype(r)>;
        return std::is_same_v<T, ListNetworks> || std::is_same_v<T, CreateNetwork> ||
               std::is_same_v<T, DeleteNetwork> || std::is_same_v<T, ListLeases>;
      },
      request);
}

}  // namespace kilonova
