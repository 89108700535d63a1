// EC2's answers, written by pugixml: elements only, lists of <item>, booleans in lower case.
#pragma once

#include <concepts>
#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/time.h"

namespace kilonova::api::ec2 {

using Xml = pugi::xml_node;

Xml add(Xml parent, const char* name);
// What no XML may hold (control characters) is written as "?".
void add(Xml parent, const char* name, std::string_view text);
void add(Xml parent, const char* name, const char* text);
void add(Xml parent, const char* name, bool value);
template <std::integral Number>
  requires(!std::same_as<Number, bool>)
void add(Xml parent, const char* name, Number value) {
  add(parent, name, std::string_view(std::to_string(value)));
}
// "2026-11-30T07:00:00.000Z"
void add(Xml parent, const char* name, WallTime time);

// The same as text.
std::string to_text(WallTime time);

std::string to_text(const pugi::xml_document& document);

}  // namespace kilonova::api::ec2
