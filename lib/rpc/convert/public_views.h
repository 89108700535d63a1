// What a client sees of each noun. Secrets stay behind: hashes always; a fault's details, and what tells of the fleet
// (names of hosts, their room, which were weighed), except for admins. Nova: OS-EXT-SRV-ATTR:host and its like are the
// admins'.
#pragma once

#include <cstdint>

#include "domain/api.h"
#include "domain/instance.h"
#include "kilonova/v1/cloud_servers.pb.h"
#include "kilonova/v1/launch.pb.h"
#include "kilonova/v1/types.pb.h"

namespace kilonova::rpc {

enum class Audience : uint8_t { kUser, kAdmin };

// Each fills an empty message.
void to_view(const Instance& instance, Audience audience, v1::Server* view);
void to_view(const Address& address, v1::ServerAddress* view);
void to_view(const Image& image, v1::Image* view);
void to_view(const KeyPair& key_pair, v1::KeyPair* view);
// addresses_used is the caller's to set.
void to_view(const Network& network, v1::Network* view);
void to_view(const Lease& lease, v1::Lease* view);
void to_view(const Project& project, v1::Project* view);
void to_view(const User& user, v1::User* view);
void to_view(const RoleAssignment& assignment, v1::RoleAssignment* view);
void to_view(const Quota& quota, v1::Quota* view);
void to_view(const QuotaUsage& usage, v1::QuotaUsage* view);
void to_view(const HostView& host, v1::Host* view);
void to_view(const ServiceView& service, v1::Service* view);
void to_view(const WatchEvent& event, Audience audience, v1::WatchEvent* view);
void to_view(const StepRecord& step, Audience audience, v1::StepRecord* view);
// Users see that a scheduler decided, and why it found no host.
void to_view(const Decision& decision, Audience audience, v1::Decision* view);

}  // namespace kilonova::rpc
