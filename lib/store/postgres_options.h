// How a store on PostgreSQL is opened.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "ports/controller_store.h"

namespace kilonova {

struct PostgresOptions {
  // "postgresql://USER@HOST:PORT/DATABASE?...", as libpq takes it: several hosts, sslmode, sslrootcert and the rest.
  std::string url;
  // "" = what libpq finds itself (~/.pgpass, PGPASSFILE), or none.
  std::string password;
  // Which cell the rows are of. A database holds one.
  std::string cell = "cell1";
  // For people who look at the lease: "controller-0, process 4711 on ctl1", and where it is dialled.
  std::string holder;
  std::string address;
  // Whether to take the lease from one whose session is there. Otherwise it is refused, and told who that is.
  bool take_over = false;
  // How long a connection that was lost may stay away before the store gives up.
  Duration reconnect_for = seconds(60);
  // At least so many of the newest watch events stay.
  uint64_t events_kept = kWatchEventsKept;
  // Loop thread, once: nothing more will be stored or answered, for another leads, or the database is away or lost what
  // it had confirmed. Whoever hears it must end. Called by the loop, possibly after the store's end.
  std::function<void(Error)> on_lost;
};

}  // namespace kilonova
