// What counts as one source of connections, calls and failed log-ins.
#pragma once

#include <string>

namespace kilonova {

// Of "10.0.0.7" or "2001:db8::1": "ipv4:10.0.0.7"; of IPv6 the network of 64 bits, which is one customer's; all of
// 127.0.0.0/8 is one. What is no address stays as it is.
std::string source_of_host(const std::string& host);

}  // namespace kilonova
