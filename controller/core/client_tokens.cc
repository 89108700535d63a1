#include "controller/core/client_tokens.h"

#include "base/check.h"

namespace kilonova::controller {

const ClientToken* ClientTokens::find(const Uuid& project, const std::string& token) const {
  auto it = rows_.find({project, token});
  return it == rows_.end() || erased_.contains(project) ? nullptr : &it->second;
}

void ClientTokens::insert(ClientToken row) {
  std::pair key{row.project_id, row.token};
  by_age_.emplace(row.created_at, row.project_id, row.token);
  bool is_new = rows_.try_emplace(key, std::move(row)).second;
  KN_CHECK(is_new, "a client token is committed once");
  counts_[key.first] += 1;
}

void ClientTokens::erase(const Uuid& project, const std::string& token) {
  auto it = rows_.find({project, token});
  if (it == rows_.end()) return;
  auto& counts = erased_.contains(project) ? erased_ : counts_;
  auto count = counts.find(project);
  if (--count->second == 0) counts.erase(count);
  by_age_.erase({it->second.created_at, project, token});
  rows_.erase({project, token});
}

void ClientTokens::erase_project(const Uuid& project) {
  if (auto node = counts_.extract(project)) erased_.insert(std::move(node));
}

size_t ClientTokens::size() const {
  size_t size = 0;
  for (const auto& [project, count] : counts_) size += count;
  return size;
}

size_t ClientTokens::count(const Uuid& project) const {
  auto it = counts_.find(project);
  return it == counts_.end() ? 0 : it->second;
}

std::vector<std::pair<Uuid, std::string>> ClientTokens::older_than(WallTime time, size_t limit) const {
  std::vector<std::pair<Uuid, std::string>> tokens;
  for (const auto& [created_at, project, token] : by_age_) {
    if (created_at >= time || tokens.size() == limit) break;
    tokens.emplace_back(project, token);
  }
  return tokens;
}

}  // namespace kilonova::controller
