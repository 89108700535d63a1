// What tools ask for beside instances, and this cloud has none of: volumes, NAT gateways and the like. An empty list is
// the truth; an id names nothing.
#include <fmt/format.h>

#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/rows.h"

namespace kilonova::api::ec2 {
namespace {

using View = std::string_view;

struct Nothing {
  const char* set;  // of the reply
  View ids;         // the parameter that names some
  IdKind kind;
  std::span<const View> filters;  // beside those of tags
  int64_t least_results = 5;
};

// InvalidParameterValue for a filter that EC2 has not.
Result<void> check_filters(const Parameter& parameters, std::span<const View> known) {
  auto filters = read_filters(parameters);
  if (!filters) return std::unexpected(std::move(filters.error()));
  for (const Filter& filter : *filters) {
    const bool is_of_tags = filter.name == "tag-key" || (filter.name.starts_with("tag:") && filter.name != "tag:");
    if (!is_of_tags && std::ranges::find(known, filter.name) == known.end())
      return refused("InvalidParameterValue", "The filter " + in_quotes(filter.name) + " is invalid");
  }
  return {};
}

Result<void> check_nothing(const Parameter& parameters, const Nothing& nothing) {
  if (auto checked = check_filters(parameters, nothing.filters); !checked) return checked;
  if (auto paging = read_paging(parameters, nothing.kind, nothing.least_results, nothing.ids); !paging)
    return std::unexpected(std::move(paging.error()));
  return check_ids(nothing.kind, std::vector<std::string>(), parameters.texts(nothing.ids),
                   [](const std::string& row) { return row; });
}

template <const Nothing& nothing>
Task<Result<void>> describe(Ec2Call& call, Xml reply) {
  add(reply, nothing.set);
  co_return check_nothing(call.parameters, nothing);
}

constexpr IdKind kVolumeId{"vol-", "volume", "InvalidVolumeID.Malformed", "InvalidVolume.NotFound"};

constexpr View kVolumeFilters[] = {"attachment.attach-time",
                                   "attachment.delete-on-termination",
                                   "attachment.device",
                                   "attachment.instance-id",
                                   "attachment.status",
                                   "availability-zone",
                                   "create-time",
                                   "encrypted",
                                   "fast-restored",
                                   "multi-attach-enabled",
                                   "size",
                                   "snapshot-id",
                                   "status",
                                   "volume-id",
                                   "volume-type"};
constexpr Nothing kVolumes{"volumeSet", "VolumeId", kVolumeId, kVolumeFilters};

constexpr View kSnapshotFilters[] = {"description", "encrypted",    "owner-alias", "owner-id",
                                     "progress",    "snapshot-id",  "start-time",  "status",
                                     "volume-id",   "storage-tier", "volume-size"};
constexpr Nothing kSnapshots{"snapshotSet",
                             "SnapshotId",
                             {"snap-", "snapshot", "InvalidSnapshotID.Malformed", "InvalidSnapshot.NotFound"},
                             kSnapshotFilters};

constexpr View kStatusFilters[] = {"action.code",
                                   "action.description",
                                   "action.event-id",
                                   "availability-zone",
                                   "event.description",
                                   "event.event-id",
                                   "event.event-type",
                                   "event.not-after",
                                   "event.not-before",
                                   "volume-status.details-name",
                                   "volume-status.details-status",
                                   "volume-status.status"};
constexpr Nothing kVolumeStatus{"volumeStatusSet", "VolumeId", kVolumeId, kStatusFilters};

constexpr View kNatFilters[] = {"nat-gateway-id", "state", "subnet-id", "vpc-id"};
constexpr Nothing kNatGateways{
    "natGatewaySet", "NatGatewayId", {"nat-", "NAT gateway", "NatGatewayMalformed", "NatGatewayNotFound"}, kNatFilters};

// Neutron's are of each subnet, and no set of their own: the VPC's is EC2's "default".
constexpr View kDhcpFilters[] = {"dhcp-options-id", "key", "value", "owner-id"};
constexpr Nothing kDhcpOptions{
    "dhcpOptionsSet",
    "DhcpOptionsId",
    {"dopt-", "dhcpOption ID", "InvalidDhcpOptionsId.Malformed", "InvalidDhcpOptionID.NotFound"},
    kDhcpFilters};

constexpr View kPeeringFilters[] = {"accepter-vpc-info.cidr-block",
                                    "accepter-vpc-info.owner-id",
                                    "accepter-vpc-info.vpc-id",
                                    "expiration-time",
                                    "requester-vpc-info.cidr-block",
                                    "requester-vpc-info.owner-id",
                                    "requester-vpc-info.vpc-id",
                                    "status-code",
                                    "status-message",
                                    "vpc-peering-connection-id"};
constexpr Nothing kPeerings{"vpcPeeringConnectionSet",
                            "VpcPeeringConnectionId",
                            {"pcx-", "vpcPeeringConnection ID", "InvalidVpcPeeringConnectionId.Malformed",
                             "InvalidVpcPeeringConnectionID.NotFound"},
                            kPeeringFilters};

constexpr View kPrefixFilters[] = {"owner-id", "prefix-list-id", "prefix-list-name"};
constexpr Nothing kPrefixLists{
    "prefixListSet",
    "PrefixListId",
    {"pl-", "prefix list ID", "InvalidPrefixListId.Malformed", "InvalidPrefixListID.NotFound"},
    kPrefixFilters,
    1};

constexpr Nothing kEgressGateways{
    "egressOnlyInternetGatewaySet",
    "EgressOnlyInternetGatewayId",
    {"eigw-", "egress only internet gateway", "InvalidGatewayID.Malformed", "InvalidGatewayID.NotFound"},
    {}};

constexpr View kEndpointFilters[] = {"ip-address-type", "service-name",       "vpc-id",
                                     "vpc-endpoint-id", "vpc-endpoint-state", "vpc-endpoint-type"};
constexpr Nothing kEndpoints{
    "vpcEndpointSet",
    "VpcEndpointId",
    {"vpce-", "Vpc Endpoint Id", "InvalidVpcEndpointId.Malformed", "InvalidVpcEndpointId.NotFound"},
    kEndpointFilters,
    1};

constexpr View kVpnFilters[] = {
    "amazon-side-asn", "attachment.state", "attachment.vpc-id", "availability-zone", "state", "type", "vpn-gateway-id"};
constexpr Nothing kVpnGateways{
    "vpnGatewaySet",
    "VpnGatewayId",
    {"vgw-", "vpnGateway ID", "InvalidVpnGatewayID.Malformed", "InvalidVpnGatewayID.NotFound"},
    kVpnFilters};

constexpr View kTemplateFilters[] = {"create-time", "launch-template-name"};
constexpr Nothing kLaunchTemplates{
    "launchTemplates",
    "LaunchTemplateId",
    {"lt-", "launch template", "InvalidLaunchTemplateId.Malformed", "InvalidLaunchTemplateId.NotFound"},
    kTemplateFilters,
    1};

constexpr View kProfileFilters[] = {"instance-id", "state"};
constexpr Nothing kProfiles{
    "iamInstanceProfileAssociationSet",
    "AssociationId",
    {"iip-assoc-", "association", "InvalidAssociationID.Malformed", "InvalidAssociationID.NotFound"},
    kProfileFilters};

constexpr View kReservationFilters[] = {"instance-type",
                                        "owner-id",
                                        "instance-platform",
                                        "availability-zone",
                                        "tenancy",
                                        "outpost-arn",
                                        "state",
                                        "start-date",
                                        "end-date",
                                        "end-date-type",
                                        "instance-match-criteria",
                                        "placement-group-arn"};
constexpr Nothing kReservations{
    "capacityReservationSet",
    "CapacityReservationId",
    {"cr-", "capacity reservation", "InvalidCapacityReservationId.Malformed", "InvalidCapacityReservationId.NotFound"},
    kReservationFilters,
    1};

// Dedicated ones. Those of the cloud are no project's.
constexpr View kHostFilters[] = {"auto-placement",      "availability-zone", "client-token",
                                 "host-reservation-id", "instance-type",     "state"};
constexpr Nothing kHosts{
    "hostSet", "HostId", {"h-", "host", "InvalidHostID.Malformed", "InvalidHostID.NotFound"}, kHostFilters};

constexpr View kSpotFilters[] = {"availability-zone-group",
                                 "create-time",
                                 "fault-code",
                                 "fault-message",
                                 "instance-id",
                                 "launch-group",
                                 "type",
                                 "launched-availability-zone",
                                 "product-description",
                                 "spot-price",
                                 "state",
                                 "spot-instance-request-id",
                                 "status-code",
                                 "status-message",
                                 "valid-from",
                                 "valid-until",
                                 "launch.image-id",
                                 "launch.group-id",
                                 "launch.instance-type",
                                 "launch.key-name",
                                 "launch.group-name"};
constexpr Nothing kSpotRequests{"spotInstanceRequestSet",
                                "SpotInstanceRequestId",
                                {"sir-", "spot instance request ID", "InvalidSpotInstanceRequestID.Malformed",
                                 "InvalidSpotInstanceRequestID.NotFound"},
                                kSpotFilters};

constexpr View kOfVolumes[] = {"Filter", "VolumeId", "MaxResults", "NextToken"};
constexpr View kOfSnapshots[] = {"Filter", "SnapshotId", "MaxResults", "NextToken", "Owner", "RestorableBy"};
constexpr View kOfNats[] = {"Filter", "NatGatewayId", "MaxResults", "NextToken"};
constexpr View kOfDhcp[] = {"Filter", "DhcpOptionsId", "MaxResults", "NextToken"};
constexpr View kOfPeerings[] = {"Filter", "VpcPeeringConnectionId", "MaxResults", "NextToken"};
constexpr View kOfPrefixes[] = {"Filter", "PrefixListId", "MaxResults", "NextToken"};
constexpr View kOfEgress[] = {"Filter", "EgressOnlyInternetGatewayId", "MaxResults", "NextToken"};
constexpr View kOfEndpoints[] = {"Filter", "VpcEndpointId", "MaxResults", "NextToken"};
constexpr View kOfVpn[] = {"Filter", "VpnGatewayId"};
constexpr View kOfTemplates[] = {"Filter", "LaunchTemplateId", "MaxResults", "NextToken"};
constexpr View kByName[] = {"LaunchTemplateName"};
constexpr View kOfProfiles[] = {"Filter", "AssociationId", "MaxResults", "NextToken"};
constexpr View kOfReservations[] = {"Filter", "CapacityReservationId", "MaxResults", "NextToken"};
constexpr View kOfHosts[] = {"Filter", "HostId", "MaxResults", "NextToken"};
constexpr View kOfSpot[] = {"Filter", "SpotInstanceRequestId", "MaxResults", "NextToken"};

constexpr Action kActions[] = {
    {"DescribeVolumes", UserRole::kReader, &describe<kVolumes>, kOfVolumes},
    {"DescribeVolumeStatus", UserRole::kReader, &describe<kVolumeStatus>, kOfVolumes},
    {"DescribeSnapshots", UserRole::kReader, &describe<kSnapshots>, kOfSnapshots},
    {"DescribeNatGateways", UserRole::kReader, &describe<kNatGateways>, kOfNats},
    {"DescribeDhcpOptions", UserRole::kReader, &describe<kDhcpOptions>, kOfDhcp},
    {"DescribeVpcPeeringConnections", UserRole::kReader, &describe<kPeerings>, kOfPeerings},
    {"DescribePrefixLists", UserRole::kReader, &describe<kPrefixLists>, kOfPrefixes},
    {"DescribeManagedPrefixLists", UserRole::kReader, &describe<kPrefixLists>, kOfPrefixes},
    {"DescribeEgressOnlyInternetGateways", UserRole::kReader, &describe<kEgressGateways>, kOfEgress},
    {"DescribeVpcEndpoints", UserRole::kReader, &describe<kEndpoints>, kOfEndpoints},
    {"DescribeVpnGateways", UserRole::kReader, &describe<kVpnGateways>, kOfVpn},
    {"DescribeLaunchTemplates", UserRole::kReader, &describe<kLaunchTemplates>, kOfTemplates, kByName},
    {"DescribeIamInstanceProfileAssociations", UserRole::kReader, &describe<kProfiles>, kOfProfiles},
    {"DescribeCapacityReservations", UserRole::kReader, &describe<kReservations>, kOfReservations},
    {"DescribeHosts", UserRole::kReader, &describe<kHosts>, kOfHosts},
    {"DescribeSpotInstanceRequests", UserRole::kReader, &describe<kSpotRequests>, kOfSpot},
};

}  // namespace

std::span<const Action> nothing_actions() { return kActions; }

}  // namespace kilonova::api::ec2
