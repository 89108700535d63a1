#include "controller/core/generations.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "domain/setting.h"

namespace kilonova::controller {
namespace {

std::optional<uint64_t> number_in(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string to_text(const std::vector<Generations::Generation>& generations) {
  std::string text;
  for (const Generations::Generation& generation : generations)
    text += fmt::format("{}{:016x}@{:x}", text.empty() ? "" : " ", generation.id, generation.after);
  return text;
}

std::vector<Generations::Generation> generations_in(std::string_view text) {
  std::vector<Generations::Generation> generations;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    size_t at = word.find('@');
    auto id = number_in(word.substr(0, at));
    auto after = at == std::string_view::npos ? std::nullopt : number_in(word.substr(at + 1));
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
