// EC2's ids of servers: "i-" and the row's id in hexadecimal, as Nova makes "instance-%08x" of it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kilonova {

// "i-0000002a"; longer beyond 32 bits.
std::string ec2_instance_id(int64_t row);
// Exactly what ec2_instance_id writes; nothing for anything else.
std::optional<int64_t> row_of_ec2_instance_id(std::string_view text);

}  // namespace kilonova
