#include "runtime/task.h"

#include <fmt/format.h>

#include <exception>
#include <string>

namespace kilonova::detail {

void exception_escaped_flow() {
  std::string message = "an exception escaped a flow";
  try {
    throw;
  } catch (const std::exception& exception) {
    message = fmt::format("{}: {}", message, exception.what());
  } catch (...) {
    message += " of a type that is not std::exception";
  }
  check_failed("no exception", message.c_str(), __FILE_NAME__, __LINE__);
}

}  // namespace kilonova::detail
