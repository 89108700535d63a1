// What the files of this directory share: every command opens a session and answers with an exit code.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "cli/cli.h"
#include "cli/client/session.h"
#include "cli/output/exit_codes.h"
#include "cli/output/print.h"
#include "cli/output/records.h"
#include "cli/output/report.h"
#include "cli/output/text.h"
#include "cli/output/views.h"

namespace kilonova::cli {

using SessionCommand = std::function<Expected<int>(Session& session)>;

// What `command` does, with a session of the user that the options name.
inline void run_with_session(CLI::App& command, Globals& globals, SessionCommand run) {
  run_command(command, globals, [&globals, run = std::move(run)]() -> Expected<int> {
    Expected<std::unique_ptr<Session>> session = Session::open(globals);
    if (!session) return std::unexpected(session.error());
    return run(**session);
  });
}

// An option that takes a duration as "250ms" or "2m". `value` must outlive the command.
inline CLI::Option* add_duration(CLI::App& command, const std::string& name, Duration& value,
                                 const std::string& description) {
  return command
      .add_option_function<std::string>(
          name,
          [name, &value](const std::string& text) {
            auto duration = parse_duration(text);
            if (!duration) throw CLI::ValidationError(name, duration.error().message);
            value = *duration;
          },
          description)
      ->type_name("DURATION");
}

// An option that may be given several times, each time with one value: what follows it is another option, or a name.
inline CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                                 const std::string& description) {
  return command.add_option(name, values, description + "; may be repeated")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

inline constexpr uint64_t kMiB = uint64_t{1} << 20;
inline constexpr uint64_t kGiB = uint64_t{1} << 30;

// An option that takes a number of `unit` bytes, or a size such as 4G. `value` has the default and must outlive the
// command.
inline CLI::Option* add_amount(CLI::App& command, const std::string& name, std::optional<int64_t>& value, uint64_t unit,
                               const std::string& description) {
  return command
      .add_option_function<std::string>(
          name,
          [name, unit, &value](const std::string& text) {
            auto amount = parse_amount(text, unit);
            if (!amount) throw CLI::ValidationError(name, amount.error().message);
            value = *amount;
          },
          description)
      ->type_name("SIZE");
}

// How long --wait may wait; 0 = as long as it takes.
inline void add_timeout(CLI::App& command, Duration& timeout) {
  add_duration(command, "--timeout", timeout, "Give up waiting after this time (30s, 2m), with exit code 12");
}

// A noun: takes one verb.
inline CLI::App& add_noun(CLI::App& app, const char* name, const char* description) {
  CLI::App* noun = app.add_subcommand(name, description);
  noun->require_subcommand(0, 1);
  return *noun;
}

}  // namespace kilonova::cli
