// Where a compute process gets its hosts from: a CSV file (`--hosts-file`), or a number of like ones (`--hosts`).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/messages.h"

namespace kilonova::compute {

// What `--hosts N` makes, and what columns that a file does not have stand for (but for the name, vcpus and ram).
inline constexpr Resources kDefaultHost{.vcpus = 64, .memory_mb = 262'144, .disk_gb = 2000};
inline constexpr std::string_view kDefaultZone = "nova";

// Comma-separated, the first line names the columns: name, vcpus, ram (or ram_mib, memory_mib, memory_mb; in MiB), disk
// (or disk_gib, disk_gb; in GiB; optional) and zone (or availability_zone; optional). Other columns are ignored.
// Fields may be quoted with ", doubled inside; lines end with LF or CRLF; a byte order mark and empty lines are skipped.
// Numbers may be written as 4, 4.0 or 4e3.
//
// `columns` says which column is which when they have other names: "name=sn,vcpus=cpu_milli/1000,ram=memory_mib"; "/N"
// divides, rounding down. Fields it does not mention keep their names; in files with the columns sn, cpu_milli and
// memory_mib (Alibaba's openb traces) they are read as by this example.
//
// kInvalidArgument names file, line, column and value: no header or no host, a missing column, a number that is none
// or out of range (vcpus and ram at least 1), a name that is empty or there twice, a broken quote.
Expected<std::vector<HostInfo>> parse_hosts(std::string_view text, std::string_view file_name,
                                            std::string_view columns);

// The same from a file; kNotFound when it cannot be read.
Expected<std::vector<HostInfo>> load_hosts_file(const std::string& path, std::string_view columns);

// "host-00000" and so on, `first` being the number of the first.
std::vector<HostInfo> make_hosts(size_t count, size_t first);

// The share of process `index` of `processes` (at least 1): consecutive hosts, sizes differing by one at most, so that
// the processes together carry each host once.
std::vector<HostInfo> select_part(const std::vector<HostInfo>& hosts, size_t index, size_t processes);

}  // namespace kilonova::compute
