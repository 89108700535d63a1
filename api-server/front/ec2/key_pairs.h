// Key pairs as EC2 shows them.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "domain/nouns/key_pair.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// "key-0123456789abcdef0"
std::string key_pair_id(const KeyPair& key);
// The caller's.
Task<Result<std::vector<KeyPair>>> all_key_pairs(Ec2Call& call);

}  // namespace kilonova::api::ec2
