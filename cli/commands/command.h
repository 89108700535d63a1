// What the files of this directory share: every command opens a session and answers with an exit code.
#pragma once

#include <functional>
#include <utility>

#include "cli/cli.h"
#include "cli/client/session.h"
#include "cli/output/print.h"
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

// A noun: takes one verb.
inline CLI::App& add_noun(CLI::App& app, const char* name, const char* description) {
  CLI::App* noun = app.add_subcommand(name, description);
  noun->require_subcommand(0, 1);
  return *noun;
}

}  // namespace kilonova::cli
