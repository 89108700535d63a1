// The options of the daemons that have a store, and the place that they mean.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "store/open_store.h"

namespace CLI {
class App;
}  // namespace CLI

namespace kilonova {

struct DaemonContext;

struct StoreOptions {
  std::string url;  // "postgresql://..."; "" = a file of SQLite in the state directory
  std::string password_file;
  std::string cell = "cell1";
  Duration reconnect_for = seconds(60);
};

// Declares them all; the options must outlive the app.
void add_store_options(CLI::App& app, StoreOptions& options);

// Where the daemon's rows are; `name`: "controller". Makes the directory of a file. A lease that is lost ends the
// daemon. kInvalidArgument for a URL or password file that is wrong; kConflict for a state directory whose rows are in
// a file already, while PostgreSQL is asked for.
Expected<StorePlace> store_place(const DaemonContext& context, const StoreOptions& options, std::string_view name);

}  // namespace kilonova
