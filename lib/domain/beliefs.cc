#include "domain/beliefs.h"

#include <fmt/format.h>

#include "domain/form_rules.h"

namespace kilonova {

std::string_view to_string(BeliefKind kind) {
  switch (kind) {
    case BeliefKind::kServers: return "servers";
    case BeliefKind::kAllocations: return "allocations";
    case BeliefKind::kHosts: return "hosts";
    case BeliefKind::kQuotas: return "quotas";
    case BeliefKind::kLeases: return "leases";
    case BeliefKind::kGuests: return "guests";
    case BeliefKind::kClaims: return "claims";
    case BeliefKind::kUsages: return "usages";
    case BeliefKind::kViews: return "views";
    case BeliefKind::kDebits: return "debits";
  }
  return "unknown";
}

Role role_of(BeliefKind kind) {
  switch (kind) {
    case BeliefKind::kServers:
    case BeliefKind::kAllocations:
    case BeliefKind::kHosts:
    case BeliefKind::kQuotas: return Role::kController;
    case BeliefKind::kLeases: return Role::kNetwork;
    case BeliefKind::kGuests:
    case BeliefKind::kClaims:
    case BeliefKind::kUsages: return Role::kCompute;
    case BeliefKind::kViews:
    case BeliefKind::kDebits: return Role::kScheduler;
  }
  return Role::kClient;
}

std::string to_string(const HostAndServer& position) { return to_string(position.instance) + " " + position.host; }

std::optional<HostAndServer> parse_host_and_server(std::string_view text) {
  size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::optional<Uuid> instance = parse_uuid(text.substr(0, space));
  if (!instance) return std::nullopt;
  return HostAndServer{std::string(text.substr(space + 1)), *instance};
}

Expected<> check_beliefs_request(PeerId self, const ReadBeliefs& request) {
  if (role_of(request.kind) != self.role)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} has no beliefs of kind {}: ask a daemon of role {}", to_string(self),
                            to_string(request.kind), to_string(role_of(request.kind))));
  if (request.limit == 0 || request.limit > kBeliefsPerPage)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("the limit of a page of beliefs is {}; it must be from 1 to {}", request.limit, kBeliefsPerPage));
  return {};
}

Expected<> ReadBeliefs::check() const {
  return check_all(check_beliefs_request(daemon, *this), check_text("the position", after));
}

std::unexpected<Error> wrong_beliefs_position(const ReadBeliefs& request) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not what a page of {} ended with", request.after, to_string(request.kind)));
}

}  // namespace kilonova
