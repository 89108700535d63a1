#include "controller/core/drive_table.h"

#include <algorithm>

#include "base/check.h"

namespace kilonova::controller {

Drive& DriveTable::put(const Uuid& instance, Drive drive) {
  erase(instance);
  if (drive.listed) by_host_[drive.host].insert(instance);
  return drives_.emplace(instance, std::move(drive)).first->second;
}

void DriveTable::erase(const Uuid& instance) {
  auto it = drives_.find(instance);
  if (it == drives_.end()) return;
  unlist(instance, it->second);
  drives_.erase(it);
}

void DriveTable::list(const Uuid& instance, const std::string& host) {
  auto it = drives_.find(instance);
  KN_CHECK(it != drives_.end(), "a try was listed that is not under way");
  Drive& drive = it->second;
  if (drive.listed && drive.host == host) return;
  unlist(instance, drive);
  drive.listed = true;
  drive.host = host;
  by_host_[host].insert(instance);
}

std::vector<Uuid> DriveTable::listed_on(const std::set<std::string>& hosts) const {
  std::vector<Uuid> found;
  auto add = [&](const std::set<Uuid>& instances) { found.insert(found.end(), instances.begin(), instances.end()); };
  if (by_host_.size() < hosts.size()) {
    for (const auto& [host, instances] : by_host_)
      if (hosts.contains(host)) add(instances);
  } else {
    for (const std::string& host : hosts)
      if (auto it = by_host_.find(host); it != by_host_.end()) add(it->second);
  }
  std::ranges::sort(found);
  return found;
}

void DriveTable::unlist(const Uuid& instance, const Drive& drive) {
  auto it = drive.listed ? by_host_.find(drive.host) : by_host_.end();
  if (it == by_host_.end()) return;
  it->second.erase(instance);
  if (it->second.empty()) by_host_.erase(it);
}

}  // namespace kilonova::controller
