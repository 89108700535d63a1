// `kilonova sim run|explore`: needs no cloud.
#pragma once

#include "cli/cli.h"
#include "sim/run.h"

namespace kilonova::cli {

// Adds `run` and `explore` to `sim`. `codec`, when there is one, is what --protobuf sends every message through.
void add_sim_commands(CLI::App& sim, Globals& globals, sim::SimNetwork::Codec codec);

}  // namespace kilonova::cli
