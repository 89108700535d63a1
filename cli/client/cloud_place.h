// Which cloud a command speaks with. Every command asks here, so that no two parts of one ever speak with two.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/cli.h"
#include "rpc/node/tls_files.h"

namespace kilonova::cli {

struct CloudPlace {
  std::string
      endpoint;  // "host:port" or "unix:/path" of the public service; "" = as cloud.json of the state directory says
  bool https = false;     // the endpoint was said as https://
  std::string state_dir;  // the cloud's; with an endpoint, where the tokens for it are kept
  TlsFiles tls;
};

// In this order: a given --endpoint, a given --state-dir, KILONOVA_ENDPOINT, KILONOVA_STATE_DIR, the default directory.
// With a given --state-dir all that the environment says of an endpoint, OS_CACERT, OS_CERT and OS_KEY included, is of
// another cloud. kInvalidArgument names an endpoint that is none, and says what one looks like.
Expected<CloudPlace> cloud_place(const Globals& globals);

// The directory whose processes and files a command means (`up`, `down`, `export`). kInvalidArgument when only an
// --endpoint was given: that says nothing of where its processes are. `command` is for the message.
Expected<std::string> own_state_dir(const Globals& globals, const std::string& command);

}  // namespace kilonova::cli
