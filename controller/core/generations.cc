#include "controller/core/generations.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "controller/core/hex_words.h"
#include "domain/setting.h"

namespace kilonova::controller {
std::string to_text(const std::vector<Generations::Generation>& generations) {
  std::string text;
  for (const Generations::Generation& generation : generations)
    text += fmt::format("{}{:016x}@{:x}", text.empty() ? "" : " ", generation.id, generation.after);
  return text;
}

std::vector<Generations::Generation> generations_in(std::string_view text) {
  std::vector<Generations::Generation> generations;
  for (std::string_view word : words_in(text)) {
    size_t at = word.find('@');
    auto id = hex_number(word.substr(0, at));
    auto after = at == std::string_view::npos ? std::nullopt : hex_number(word.substr(at + 1));
    if (!id || !after) return {};
    generations.push_back({*id, *after});
  }
  return generations;
}

Generations::Generations(const ControllerState& state, uint64_t own) : own_{own, state.revision} {
  for (const Setting& setting : state.of<Setting>())
    if (setting.name == kGenerationsSetting) stored_ = generations_in(setting.value);
}

bool Generations::is_known(uint64_t generation, uint64_t revision) const {
  auto found = std::ranges::find(stored_, generation, &Generation::id);
  if (found == stored_.end()) return false;
  auto next = std::next(found);
  return next == stored_.end() || revision <= next->after;
}

void Generations::put(Transaction& transaction) const {
  if (has_begun_) return;
  std::vector<Generation> all = stored_;
  all.push_back(own_);
  if (all.size() > kGenerationsKept) all.erase(all.begin());
  transaction.push_back(mutation::Put<Setting>{{std::string(kGenerationsSetting), to_text(all)}});
}

void Generations::begin() {
  if (has_begun_) return;
  has_begun_ = true;
  stored_.push_back(own_);
  if (stored_.size() > kGenerationsKept) stored_.erase(stored_.begin());
}

}  // namespace kilonova::controller
