#include "domain/nouns/guest_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace kilonova {

Expected<> GetConsoleOutput::check() const {
  return check_all(check_reference("server", server), check_amount("the number of lines", lines, -1));
}

Expected<> GetConsoleUrl::check() const {
  if (std::ranges::find(kConsoleTypes, type) == std::end(kConsoleTypes))
    return refuse(
        fmt::format("the console type {} must be one of {}", in_quotes(type), fmt::join(kConsoleTypes, ", ")));
  return check_reference("server", server);
}

Expected<> GetServerDiagnostics::check() const { return check_reference("server", server); }

}  // namespace kilonova
