// Nova's weighers as plain functions of a host and a request. Each has a file of its name beside this one.
//
// To add one: its file, its line below, its row in weighers.cc, its tests.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "scheduler/core/nova/host_state.h"
#include "scheduler/core/nova/options.h"
#include "scheduler/core/nova/request_spec.h"
#include "scheduler/core/python_object.h"

namespace kilonova::scheduler::nova {

// More is better. The error is the exception that Nova's class raises, which fails the whole request.
using WeighObject = PythonResult<PythonNumber> (*)(const HostState& host, const RequestSpec& spec,
                                                   const Options& options);

struct Weigher {
  std::string_view name;
  std::string_view multiplier_option;  // what aggregates may override: "ram_weight_multiplier"
  double Options::* multiplier;
  double sign;                    // of the multiplier
  std::optional<int64_t> minval;  // raw values below it become it, and normalisation starts there
  WeighObject weigh_object;
};

// All of Nova 26.2, by name.
std::span<const Weigher> weighers();
// Nothing when Nova has no weigher of that name.
const Weigher* find_weigher(std::string_view name);

// What the normalised weight of this host is multiplied with: the least that its aggregates say, or the option's value,
// which also stands when one of them says what is no number. Nova: nova/scheduler/utils.py get_weight_multiplier.
double weight_multiplier(const Weigher& weigher, const HostState& host, const Options& options);

PythonResult<PythonNumber> build_failure_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> cpu_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> cross_cell_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> disk_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> io_ops_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> metrics_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> pci_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> ram_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> server_group_soft_affinity_weigher(const HostState&, const RequestSpec&, const Options&);
PythonResult<PythonNumber> server_group_soft_anti_affinity_weigher(const HostState&, const RequestSpec&,
                                                                   const Options&);

}  // namespace kilonova::scheduler::nova
