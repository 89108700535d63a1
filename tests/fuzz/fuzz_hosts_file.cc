// `--hosts-columns`, a zero byte, the hosts file.
#include <set>

#include "compute-node/hosts_file.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_hosts_file) {
  using namespace kilonova;
  std::string_view columns = fuzz::take_text(bytes);
  auto hosts = compute::parse_hosts(bytes, "hosts.csv", columns);
  if (!hosts) {
    KN_CHECK(hosts.error().code == ErrorCode::kInvalidArgument, "a wrong file is an invalid argument");
    return;
  }
  KN_CHECK(!hosts->empty(), "a file without hosts is refused");
  std::set<std::string> names;
  for (const auto& host : *hosts) {
    KN_CHECK(!host.name.empty() && names.insert(host.name).second, "each host has a name of its own");
    KN_CHECK(host.total.vcpus >= 1 && host.total.memory_mb >= 1 && host.total.disk_gb >= 0, "a host has something");
  }
}
