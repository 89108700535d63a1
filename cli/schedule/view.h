// What `kilonova schedule` shows people: the filters with how many hosts each left, and the best hosts with what each
// weigher gave them. Pure.
#pragma once

#include <string>

#include "cli/schedule/cases.h"

namespace kilonova::cli::schedule {

// How many of the best hosts are shown.
inline constexpr size_t kShownHosts = 10;

// Lines of at most `width` columns (0 = any) with a newline each. `title` says which line of the file it is.
std::string render(const CaseAnswer& answer, const std::string& title, size_t width, bool color);
std::string render(const SequenceAnswer& answer, const std::string& title, size_t width, bool color);
std::string render(const PlacementAnswer& answer, const std::string& title, size_t width, bool color);

// The names alone, for --quiet: the best host; of a sequence that of each server, a line each; of Placement all that
// have room. "-" where there is none.
std::string render_names(const CaseAnswer& answer);
std::string render_names(const SequenceAnswer& answer);
std::string render_names(const PlacementAnswer& answer);

}  // namespace kilonova::cli::schedule
