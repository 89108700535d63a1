// A whole cloud as one value: what its state directory holds that nothing else follows from. The controller's rows are
// the truth; which addresses the network-controller leases and which guests the hypervisors have follows from them, so
// an image contradicts itself never, however busy the cloud was when it was taken.
//
// Blocking; any thread. For the command line: no daemon uses it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "domain/net.h"
#include "domain/nouns/network_part.h"
#include "ports/controller_store.h"
#include "store/files.h"

namespace kilonova {

struct LaunchRecordOf {
  Uuid instance;
  LaunchRecordRows rows;
  bool operator==(const LaunchRecordOf&) const = default;
};

struct CloudImage {
  ControllerState controller;
  std::vector<LaunchRecordOf> launch_records;  // of servers that have one
  std::vector<WatchEvent> events;              // ascending
  uint64_t events_dropped_through = 0;         // earlier events are gone
  std::vector<Network> networks;               // by id
  std::vector<NetworkDetails> network_details;
  std::vector<Subnet> subnets;  // none of a network from when each had one in its row
  std::vector<Port> ports;
  bool operator==(const CloudImage&) const = default;
};

// Reads the cloud in this state directory, running or not, as it is at one revision; nothing waits for it. kNotFound
// where no cloud ever was; kConflict for a schema that is not today's; kDataLoss for corrupt files; kUnavailable.
Expected<CloudImage> read_cloud_image(const std::string& state_dir);

// Makes a state directory from it, from which `up` starts the cloud. Builds that were under way begin again; what else
// was under way goes on. On return it survives power loss; before, it is there whole or not at all. It is made in
// `state_dir`.import, and what a killed import left there is replaced. kAlreadyExists when the directory is there and not empty,
// or something else is where it is to be made; kConflict when another import makes the same; kDataLoss where the image contradicts
// itself; kUnavailable. After a failure nothing is left of it.
Expected<> write_cloud_image(const std::string& state_dir, const CloudImage& image);

// Its files alone, in a directory that has empty db/ and journal/; for write_cloud_image and tests. They survive power loss
// on return.
Expected<> write_cloud_files(const std::string& dir, const CloudImage& image, Files& files);

}  // namespace kilonova
