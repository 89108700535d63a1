// The parameters of EC2's Query protocol: a form whose names are paths ("Filter.1.Value.2"), read into a tree. Lists
// are flattened and numbered from 1; one with a gap is refused, whoever asks for it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api-server/front/ec2/refusal.h"

namespace kilonova::api::ec2 {

struct Parameter {
  std::optional<std::string> value;
  std::map<std::string, Parameter, std::less<>> members;

  // nullptr without it.
  const Parameter* member(std::string_view name) const;
  bool has(std::string_view name) const { return member(name) != nullptr; }
  // Its value; "" without one.
  std::string text(std::string_view name) const;
  // The items of a list, in their order.
  std::vector<const Parameter*> items(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
};

inline constexpr size_t kMaxParameters = 4'000;
inline constexpr size_t kMaxParameterDepth = 8;
inline constexpr size_t kMaxParameterName = 255;

// Names with their values, in the order in which they came.
using Form = std::vector<std::pair<std::string, std::string>>;

// Of "a=b&c=d" in the form of a URL. MalformedQueryString for a broken encoding, no UTF-8, or too much of it.
Result<Form> parse_form(std::string_view text);
// MalformedQueryString names what is wrong: an empty part of a name, a name that is there twice, a list with a gap.
Result<Parameter> parse_parameters(const Form& form);

// Nothing where it is not there; InvalidParameterValue for what is none, or out of the range.
Result<std::optional<int64_t>> integer_of(const Parameter& parameters, std::string_view name, int64_t least,
                                          int64_t most);
// false where it is not there.
Result<bool> boolean_of(const Parameter& parameters, std::string_view name);
// MissingParameter where it is not there or empty.
Result<std::string> required(const Parameter& parameters, std::string_view name);
Result<std::vector<std::string>> required_list(const Parameter& parameters, std::string_view name);

}  // namespace kilonova::api::ec2
