#include "rpc/convert/nouns/guest_views.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(GetConsoleOutput, v1::GetConsoleOutputRequest, KN_FIELD(server) KN_FIELD(lines))
KN_CODEC(GetConsoleUrl, v1::GetConsoleUrlRequest, KN_FIELD(server) KN_FIELD(type))
KN_CODEC(GetServerDiagnostics, v1::GetServerDiagnosticsRequest, KN_FIELD(server))

KN_CODEC(ConsoleOutput, v1::GetConsoleOutputReply, KN_FIELD(output))
KN_CODEC(ConsoleUrl, v1::GetConsoleUrlReply, KN_FIELD(protocol) KN_FIELD(type) KN_FIELD(url))
KN_CODEC(ServerDiagnostics::Disk, v1::DiskDiagnostics,
         KN_FIELD(read_bytes) KN_FIELD(read_requests) KN_FIELD(write_bytes) KN_FIELD(write_requests))
KN_CODEC(ServerDiagnostics::Nic, v1::NicDiagnostics,
         KN_FIELD(mac) KN_FIELD(rx_octets) KN_FIELD(rx_packets) KN_FIELD(tx_octets) KN_FIELD(tx_packets))
KN_CODEC(ServerDiagnostics, v1::GetServerDiagnosticsReply,
         KN_FIELD(power_state) KN_FIELD(uptime_s) KN_FIELD(config_drive) KN_FIELD(vcpus) KN_FIELD(cpu_time_ns)
             KN_FIELD(memory_mb) KN_FIELD(disks) KN_FIELD(nics))

bool to_public(const GetConsoleOutput::Reply& reply, Audience, v1::GetConsoleOutputReply* proto) {
  encode(reply, proto);
  return true;
}

bool to_public(const GetConsoleUrl::Reply& reply, Audience, v1::GetConsoleUrlReply* proto) {
  encode(reply, proto);
  return true;
}

bool to_public(const GetServerDiagnostics::Reply& reply, Audience, v1::GetServerDiagnosticsReply* proto) {
  encode(reply, proto);
  return true;
}

}  // namespace kilonova::rpc
