#include "cli/output/exit_codes.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace kilonova::cli {
namespace {

constexpr std::array kCodes{
    ExitCode{ErrorCode::kInvalidArgument, kWrongUse, "the command, an option, a value or a file is wrong"},
    ExitCode{ErrorCode::kUnauthenticated, 7, "wrong user name or password"},
    ExitCode{ErrorCode::kPermissionDenied, 8, "the user's role in the project does not allow it"},
    ExitCode{ErrorCode::kNotFound, 4, "there is no server, flavor, file, ... of that name"},
    ExitCode{ErrorCode::kAlreadyExists, 5, "the name is taken, or the file is there already"},
    ExitCode{ErrorCode::kConflict, 6, "the state does not allow it now: a server is not ACTIVE, a cloud runs already"},
    ExitCode{ErrorCode::kQuotaExceeded, 9, "the project's quota does not allow it"},
    ExitCode{ErrorCode::kResourceExhausted, 10, "the cloud has too much unfinished work: try again later"},
    ExitCode{ErrorCode::kUnavailable, 11, "no cloud runs there, or it does not answer: nothing was changed"},
    ExitCode{ErrorCode::kDeadlineExceeded, 12, "no answer in time, or --timeout is over: what came of it is not known"},
    ExitCode{ErrorCode::kNoValidHost, 13, "no host has room for it"},
    ExitCode{ErrorCode::kOutOfRange, 14, "events that are asked for are no longer kept"},
    ExitCode{ErrorCode::kDataLoss, 15, "stored data is damaged, or the output could not be written"},
    ExitCode{ErrorCode::kUnimplemented, 16, "the cloud's kilonova does not know this operation"},
    ExitCode{ErrorCode::kInternal, 17, "an error inside kilonova"},
};

consteval bool are_in_order() {
  for (size_t i = 0; i < kCodes.size(); ++i)
    if (kCodes[i].error != static_cast<ErrorCode>(i)) return false;
  return kCodes.back().error == ErrorCode::kInternal;
}
static_assert(are_in_order(), "a row of kCodes stands in the wrong place, or is missing");

}  // namespace

std::span<const ExitCode> exit_codes() { return kCodes; }

int exit_code_of(ErrorCode error) {
  auto index = static_cast<size_t>(error);
  KN_CHECK(index < kCodes.size() && kCodes[index].error == error, "an ErrorCode without an exit code");
  return kCodes[index].code;
}

std::string error_name(ErrorCode error) {
  std::string name(to_string(error));
  std::ranges::replace(name, ' ', '_');
  return name;
}

}  // namespace kilonova::cli
