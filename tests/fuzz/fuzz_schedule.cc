// A line of each of the three files of `kilonova schedule`.
#include "cli/schedule/cases.h"
#include "cli/schedule/view.h"
#include "scheduler/core/python_json.h"
#include "tests/fuzz/fuzz.h"

namespace {

template <class Answer>
void ask(kilonova::Expected<Answer> (*answer_line)(std::string_view), std::string_view line) {
  using namespace kilonova;
  Expected<Answer> answer = answer_line(line);
  if (!answer) {
    KN_CHECK(answer.error().code == ErrorCode::kInvalidArgument, "a wrong line is an invalid argument");
    return;
  }
  const std::string json = scheduler::json_dumps_compact(cli::schedule::json_of(*answer));
  KN_CHECK(scheduler::json_loads(json, scheduler::JsonDialect::kPython).has_value(), "an answer is JSON");
  (void)cli::schedule::render(*answer, "line 1", 80, false);
}

}  // namespace

KN_FUZZ_TARGET(fuzz_schedule) {
  ask(kilonova::cli::schedule::answer_case, bytes);
  ask(kilonova::cli::schedule::answer_sequence, bytes);
  ask(kilonova::cli::schedule::answer_placement, bytes);
}
