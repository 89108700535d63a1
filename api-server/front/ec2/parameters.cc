#include "api-server/front/ec2/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "domain/form_rules.h"
#include "http/target.h"

namespace kilonova::api::ec2 {
namespace {

std::unexpected<Refusal> malformed(std::string message) { return refused("MalformedQueryString", std::move(message)); }

std::optional<std::string> decode(std::string_view text) {
  std::optional<std::string> decoded = http::percent_decode(text, true);
  if (decoded && !http::is_text(*decoded)) return std::nullopt;
  return decoded;
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<Parameter*> place(Parameter& root, const std::string& name) {
  Parameter* at = &root;
  size_t depth = 0;
  for (std::string_view rest = name;;) {
    std::string_view part = rest.substr(0, rest.find('.'));
    if (part.empty() || ++depth > kMaxParameterDepth)
      return malformed(
          fmt::format("The parameter name {} is no name: it must be 1 to {} words with a point between "
                      "them.",
                      in_quotes(name), kMaxParameterDepth));
    at = &at->members[std::string(part)];
    if (part.size() == rest.size()) return at;
    rest.remove_prefix(part.size() + 1);
  }
}

// Each list's numbers are 1 to as many as there are; the depth is bounded.
Result<void> check_lists(const Parameter& parameter, const std::string& name) {
  if (parameter.value && !parameter.members.empty())
    return malformed(fmt::format("The parameter {} has both a value and members.", in_quotes(name)));
  const bool is_list = !parameter.members.empty() && is_number(parameter.members.begin()->first);
  for (size_t i = 1; is_list && i <= parameter.members.size(); ++i)
    if (!parameter.members.contains(fmt::to_string(i)))
      return malformed(
          fmt::format("The list {} has {} members, and {}.{} is not there: a list is numbered from 1 on, "
                      "without gaps.",
                      in_quotes(name), parameter.members.size(), name, i));
  for (const auto& [part, member] : parameter.members) {
    if (!is_list && is_number(part))
      return malformed(fmt::format("The parameter {} has both numbered members and others.", in_quotes(name)));
    if (auto checked = check_lists(member, name.empty() ? part : name + "." + part); !checked) return checked;
  }
  return {};
}

}  // namespace

const Parameter* Parameter::member(std::string_view name) const {
  auto found = members.find(name);
  return found == members.end() ? nullptr : &found->second;
}

std::string Parameter::text(std::string_view name) const {
  const Parameter* found = member(name);
  return found == nullptr ? std::string() : found->value.value_or("");
}

std::vector<const Parameter*> Parameter::items(std::string_view name) const {
  std::vector<const Parameter*> list;
  const Parameter* found = member(name);
  if (found == nullptr) return list;
  for (size_t i = 1; i <= found->members.size(); ++i)
    if (const Parameter* item = found->member(fmt::to_string(i))) list.push_back(item);
  return list;
}

std::vector<std::string> Parameter::texts(std::string_view name) const {
  std::vector<std::string> list;
  for (const Parameter* item : items(name)) list.push_back(item->value.value_or(""));
  return list;
}

Result<Form> parse_form(std::string_view text) {
  Form form;
  while (!text.empty()) {
    std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(pair.size() == text.size() ? pair.size() : pair.size() + 1);
    if (pair.empty()) continue;
    std::string_view key = pair.substr(0, pair.find('='));
    std::optional<std::string> name = decode(key);
    std::optional<std::string> value = decode(pair.substr(std::min(key.size() + 1, pair.size())));
    if (!name || !value || name->size() > kMaxParameterName)
      return malformed(
          fmt::format("The parameter {} must be text in UTF-8, percent-encoded, with a name of at most {} "
                      "bytes.",
                      in_quotes(key), kMaxParameterName));
    form.emplace_back(std::move(*name), std::move(*value));
    if (form.size() > kMaxParameters)
      return malformed(fmt::format("There are more than {} parameters.", kMaxParameters));
  }
  return form;
}

Result<Parameter> parse_parameters(const Form& form) {
  Parameter root;
  for (const auto& [name, value] : form) {
    auto at = place(root, name);
    if (!at) return std::unexpected(std::move(at.error()));
    if ((*at)->value) return malformed(fmt::format("The parameter {} is there twice.", in_quotes(name)));
    (*at)->value = value;
  }
  if (auto checked = check_lists(root, ""); !checked) return std::unexpected(std::move(checked.error()));
  return root;
}

Result<std::optional<int64_t>> integer_of(const Parameter& parameters, std::string_view name, int64_t least,
                                          int64_t most) {
  const Parameter* found = parameters.member(name);
  if (found == nullptr) return std::nullopt;
  const std::string text = found->value.value_or("");
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
    return refused("InvalidParameterValue", fmt::format("Value ({}) for parameter {} is invalid: it must be a number "
                                                        "from {} to {}.",
                                                        in_quotes(text), name, least, most));
  return number;
}

Result<bool> boolean_of(const Parameter& parameters, std::string_view name) {
  const Parameter* found = parameters.member(name);
  if (found == nullptr) return false;
  const std::string text = found->value.value_or("");
  if (text == "true" || text == "false") return text == "true";
  return refused(
      "InvalidParameterValue",
      fmt::format("Value ({}) for parameter {} is invalid: it must be true or false.", in_quotes(text), name));
}

Result<std::string> required(const Parameter& parameters, std::string_view name) {
  std::string text = parameters.text(name);
  if (!text.empty()) return text;
  return refused("MissingParameter", fmt::format("The request must contain the parameter {}", name));
}

Result<std::vector<std::string>> required_list(const Parameter& parameters, std::string_view name) {
  std::vector<std::string> texts = parameters.texts(name);
  if (!texts.empty()) return texts;
  return refused("MissingParameter", fmt::format("The request must contain the parameter {}", name));
}

}  // namespace kilonova::api::ec2
