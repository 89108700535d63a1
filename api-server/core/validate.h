// What can be told of a request without any state: its form. Everything else (does the flavor exist, is the quota enough)
// is the controller's to decide. Pure; every refusal is kInvalidArgument, names the value and says what would be right.
#pragma once

#include <string_view>

#include "base/error.h"
#include "domain/api.h"

namespace kilonova::api {

inline constexpr uint32_t kMaxServersPerCall = 1000;
inline constexpr uint32_t kMaxPageSize = 1000;
inline constexpr size_t kMaxNetworksPerServer = 16;
inline constexpr int64_t kMaxAmount = 2'147'483'647;  // Nova's db.MAX_INT
inline constexpr size_t kMaxPasswordLength = 1024;

// A name is: 1-255 printable characters, no white space at its ends (text_rules.h). A reference is an id or a name: the
// same rule, never empty. "any" accepts "" too.
//
//   operation        field               accepted
//   CreateServers    name                name
//                    flavor, image       reference
//                    networks            at most 16 references
//                    key_name            any key name (letters, digits, " @._-")
//                    availability_zone   "", "zone" or "zone:host", neither part empty
//                    min_count           1 .. max_count
//                    max_count           1 .. 1000
//                    client_token        "" or 1-64 printable ASCII characters
//   GetServer, DeleteServer, GetLaunchRecord, ServerAction: server reference; action one of its enum
//   ListServers      name, host          any; status a Nova status or ""; limit 1 .. 1000; marker "" or a uuid
//   ReadEvents       limit               1 .. 1000
//   CreateFlavor     name                name; id "", "auto" or letters, digits, " ._-"
//                    vcpus, memory_mb    1 .. 2^31-1; root, ephemeral, swap 0 .. 2^31-1
//   CreateImage      name                name; size <= 2^63-1; min_disk, min_ram 0 .. 2^31-1; a Glance disk format
//   CreateKeyPair    name                letters, digits, " @._-" (Nova from 2.92 on)
//   CreateNetwork    name, cidr          name; a network address /8 .. /30; gateway "" or a host address inside it
//   CreateProject    name                name of 1-64 characters; description any
//   CreateUser       name                name; the password has its own rule, validate_password
//   GrantRole        user, project       references; role one of its enum
//   SetQuota         project, values     any ("" = the caller's); -1 (unlimited) .. 2^31-1
//   SetHostEnabled   host                reference; reason any
//   AddFault         step                6 claimed .. 12 guest_started: what the host does in a try
//                    patterns, message   any; count -1 or >= 1; delay 0 .. 1 day; it must fail or delay; aborts only if it fails
//   ListLeases       network             reference; limit 1 .. 1000
//   FindUser         -                   never from a client: refused
//   other Delete...  -                   reference;  other List..., GetQuota: any
Expected<> validate(const ApiRequest& request);

// 1 to 1024 bytes; the message never holds the password.
Expected<> validate_password(std::string_view password);

// What to generate when no public key is given: "rsa", "ed25519"; "" and Nova's "ssh" mean rsa.
Expected<> validate_key_type(std::string_view type);

}  // namespace kilonova::api
