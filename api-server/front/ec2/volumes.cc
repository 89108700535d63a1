// DescribeVolumes, DescribeSnapshots: there are none, and tools ask for those of an instance all the same.
#include <fmt/format.h>

#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/rows.h"

namespace kilonova::api::ec2 {
namespace {

using View = std::string_view;

constexpr IdKind kVolumeId{"vol-", "volume", "InvalidVolumeID.Malformed", "InvalidVolume.NotFound"};
constexpr IdKind kSnapshotId{"snap-", "snapshot", "InvalidSnapshotID.Malformed", "InvalidSnapshot.NotFound"};
constexpr int64_t kLeastResults = 5;

struct None {};
Texts nothing(const None&, View) { return {}; }

constexpr FilterRule<None> kVolumeRulesOf[] = {
    {"attachment.attach-time", &nothing},
    {"attachment.delete-on-termination", &nothing},
    {"attachment.device", &nothing},
    {"attachment.instance-id", &nothing},
    {"attachment.status", &nothing},
    {"availability-zone", &nothing},
    {"create-time", &nothing},
    {"encrypted", &nothing},
    {"fast-restored", &nothing},
    {"multi-attach-enabled", &nothing},
    {"size", &nothing},
    {"snapshot-id", &nothing},
    {"status", &nothing},
    {"tag-key", &nothing},
    {"tag:", &nothing},
    {"volume-id", &nothing},
    {"volume-type", &nothing},
};
constexpr std::span<const FilterRule<None>> kVolumeRules(kVolumeRulesOf);

constexpr FilterRule<None> kSnapshotRulesOf[] = {
    {"description", &nothing},  {"encrypted", &nothing},   {"owner-alias", &nothing}, {"owner-id", &nothing},
    {"progress", &nothing},     {"snapshot-id", &nothing}, {"start-time", &nothing},  {"status", &nothing},
    {"storage-tier", &nothing}, {"tag-key", &nothing},     {"tag:", &nothing},        {"volume-id", &nothing},
    {"volume-size", &nothing},
};
constexpr std::span<const FilterRule<None>> kSnapshotRules(kSnapshotRulesOf);

Result<void> describe_none(const Parameter& parameters, const IdKind& kind, View ids,
                           std::span<const FilterRule<None>> rules) {
  if (auto filters = read_filters(parameters, rules); !filters) return std::unexpected(std::move(filters.error()));
  if (auto paging = read_paging(parameters, kind, kLeastResults, ids); !paging)
    return std::unexpected(std::move(paging.error()));
  return check_ids(kind, std::vector<std::string>(), parameters.texts(ids), [](const std::string& row) { return row; });
}

Task<Result<void>> describe_volumes(Ec2Call& call, Xml reply) {
  add(reply, "volumeSet");
  co_return describe_none(call.parameters, kVolumeId, "VolumeId", kVolumeRules);
}

Task<Result<void>> describe_snapshots(Ec2Call& call, Xml reply) {
  add(reply, "snapshotSet");
  co_return describe_none(call.parameters, kSnapshotId, "SnapshotId", kSnapshotRules);
}

constexpr View kOfVolumes[] = {"Filter", "VolumeId", "MaxResults", "NextToken"};
constexpr View kOfSnapshots[] = {"Filter", "SnapshotId", "MaxResults", "NextToken", "Owner", "RestorableBy"};

constexpr Action kActions[] = {
    {"DescribeVolumes", UserRole::kReader, &describe_volumes, kOfVolumes},
    {"DescribeSnapshots", UserRole::kReader, &describe_snapshots, kOfSnapshots},
};

}  // namespace

std::span<const Action> volume_actions() { return kActions; }

}  // namespace kilonova::api::ec2
