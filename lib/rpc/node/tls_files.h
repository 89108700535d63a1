// Where the TLS of one kind of connection is kept. Only names; load_tls (rpc/node/tls.h) reads them.
#pragma once

#include <string>

namespace kilonova {

// PEM files; "" = none.
struct TlsFiles {
  std::string certificate;  // what this side shows, with the chain up to its CA
  std::string key;          // of the certificate, without a passphrase
  std::string ca;           // whose certificates this side believes
  // What the other side's certificate is made out to, where that is not the host that is dialed: so that one certificate
  // can serve all daemons of a cloud.
  std::string peer_name;

  bool empty() const { return certificate.empty() && key.empty() && ca.empty(); }
};

}  // namespace kilonova
