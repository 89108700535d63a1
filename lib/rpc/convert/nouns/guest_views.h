// What guests show, on the wire.
#pragma once

#include "domain/nouns/guest_view.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

#define KN_GUEST_VIEW_CALLS(X)                                     \
  X(GetConsoleOutput, get_console_output, GetConsoleOutputRequest) \
  X(GetConsoleUrl, get_console_url, GetConsoleUrlRequest)          \
  X(GetServerDiagnostics, get_server_diagnostics, GetServerDiagnosticsRequest)
#define KN_GUEST_VIEW_REPLIES(X)                                          \
  X(ConsoleOutput, console_output, GetConsoleOutputReply, kConsoleOutput) \
  X(ConsoleUrl, console_url, GetConsoleUrlReply, kConsoleUrl)             \
  X(ServerDiagnostics, server_diagnostics, GetServerDiagnosticsReply, kServerDiagnostics)
#define KN_GUEST_VIEW_METHODS(X) X(GetConsoleOutput) X(GetConsoleUrl) X(GetServerDiagnostics)

KN_GUEST_VIEW_CALLS(KN_DECLARE_CALL)
KN_GUEST_VIEW_REPLIES(KN_DECLARE_REPLY)
KN_GUEST_VIEW_METHODS(KN_DECLARE_METHOD)
KN_DECLARE_CODEC(ServerDiagnostics::Disk, DiskDiagnostics)
KN_DECLARE_CODEC(ServerDiagnostics::Nic, NicDiagnostics)

}  // namespace kilonova::rpc
