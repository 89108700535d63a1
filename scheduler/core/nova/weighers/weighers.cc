#include <algorithm>
#include <array>

#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/weighers/weigher.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {
namespace {

constexpr auto kWeighers = std::to_array<Weigher>({
    {"BuildFailureWeigher", "build_failure_weight_multiplier", &Options::build_failure_weight_multiplier, -1,
     std::nullopt, build_failure_weigher},
    {"CPUWeigher", "cpu_weight_multiplier", &Options::cpu_weight_multiplier, 1, 0, cpu_weigher},
    {"CrossCellWeigher", "cross_cell_move_weight_multiplier", &Options::cross_cell_move_weight_multiplier, 1,
     std::nullopt, cross_cell_weigher},
    {"DiskWeigher", "disk_weight_multiplier", &Options::disk_weight_multiplier, 1, 0, disk_weigher},
    {"IoOpsWeigher", "io_ops_weight_multiplier", &Options::io_ops_weight_multiplier, 1, 0, io_ops_weigher},
    {"MetricsWeigher", "metrics_weight_multiplier", &Options::metrics_weight_multiplier, 1, std::nullopt,
     metrics_weigher},
    {"PCIWeigher", "pci_weight_multiplier", &Options::pci_weight_multiplier, 1, std::nullopt, pci_weigher},
    {"RAMWeigher", "ram_weight_multiplier", &Options::ram_weight_multiplier, 1, 0, ram_weigher},
    {"ServerGroupSoftAffinityWeigher", "soft_affinity_weight_multiplier", &Options::soft_affinity_weight_multiplier, 1,
     std::nullopt, server_group_soft_affinity_weigher},
    {"ServerGroupSoftAntiAffinityWeigher", "soft_anti_affinity_weight_multiplier",
     &Options::soft_anti_affinity_weight_multiplier, 1, std::nullopt, server_group_soft_anti_affinity_weigher},
});

}  // namespace

std::span<const Weigher> weighers() { return kWeighers; }

const Weigher* find_weigher(std::string_view name) {
  auto found = std::ranges::find(kWeighers, name, &Weigher::name);
  return found == kWeighers.end() ? nullptr : &*found;
}

double weight_multiplier(const Weigher& weigher, const HostState& host, const Options& options) {
  return weigher.sign *
         least_of_aggregates(host.aggregates, weigher.multiplier_option, options.*weigher.multiplier, python_float);
}

}  // namespace kilonova::scheduler::nova
