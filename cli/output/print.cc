#include "cli/output/print.h"

#include <cerrno>
#include <cstring>

namespace kilonova::cli {
namespace {

int output_error = 0;  // errno of the first write that failed

}  // namespace

// Unlike fmt::print it never throws: what was asked of the cloud goes on.
void print_text(std::string_view text) {
  if (output_error != 0 || text.empty()) return;
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) output_error = errno != 0 ? errno : EIO;
}

Expected<> flush_output() {
  if (output_error == 0) {
    errno = 0;
    if (std::fflush(stdout) != 0) output_error = errno != 0 ? errno : EIO;
  }
  if (output_error == 0) return {};
  return fail(ErrorCode::kDataLoss, fmt::format("standard output cannot be written: {}", std::strerror(output_error)));
}

}  // namespace kilonova::cli
