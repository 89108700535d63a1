// TLS (RFC 8446) between daemons and on public ports: the files, read and checked before anything listens or dials, so that
// what is wrong with them is said at once and by name; gRPC itself says it in a handshake that fails much later.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "rpc/node/tls_files.h"

namespace grpc {
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace kilonova {

// Contents of TlsFiles. Never logged: it holds a private key.
struct Tls {
  std::string certificate;
  std::string key;
  std::string ca;
  std::string peer_name;
};
using TlsPtr = std::shared_ptr<const Tls>;  // null: no TLS

// What it is for, and so what has to be there, and by which options.
enum class TlsUse {
  kPublic,   // a public port (--tls-*): certificate and key; with a CA, clients have to show a certificate too
  kCluster,  // between daemons (--cluster-*): all three, for every daemon serves and dials
  kClient,   // a client (--ca-file, --os-cert, --os-key): a CA, or the system's; certificate and key, or neither
};

// Reads and checks them: files that can be read, PEM, a certificate that is valid today, a key that belongs to it and that
// not every user of the machine can read. kInvalidArgument otherwise; the message names the file, or the option that is
// missing. Blocks. Null for TlsFiles that are empty, unless a client's.
Expected<TlsPtr> load_tls(const TlsFiles& files, TlsUse use);

// Null: without TLS.
std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsPtr& tls);
std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsPtr& tls);

}  // namespace kilonova
