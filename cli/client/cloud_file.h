// cloud.json: what a running cloud says of itself in its state directory. Written by `kilonova up`.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace kilonova::cli {

struct CloudDaemon {
  std::string name;  // "controller-0"
  pid_t pid = 0;
};

struct CloudFile {
  pid_t supervisor = 0;
  std::string grpc;      // "127.0.0.1:8775"
  bool tls = false;      // spoken there
  std::string http;      // "host:port" of OpenStack's HTTP APIs; "" = of a cloud that an older kilonova started
  std::vector<CloudDaemon> daemons;
};

// kUnavailable when no cloud runs there (no file, or its supervisor is gone); kDataLoss when the file is not what `up`
// writes.
Expected<CloudFile> read_cloud_file(const std::string& state_dir);

// The text of one; for read_cloud_file and tests. `path` is for messages.
Expected<CloudFile> parse_cloud_file(const std::string& text, const std::string& path);

}  // namespace kilonova::cli
