// What TLS a server speaks: OpenSSL's SSL_CTX, made of PEM texts.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/error.h"

namespace kilonova::http {

// PEM texts, not files. Empty: no TLS. Never logged: it holds a private key.
struct TlsText {
  std::string certificate;  // with the chain up to its CA
  std::string key;
  std::string ca;  // clients have to show a certificate of it; "" = they need none

  bool empty() const { return certificate.empty() && key.empty() && ca.empty(); }
};

using TlsContext = std::shared_ptr<SSL_CTX>;  // null: no TLS

// TLS 1.2 and later. kInvalidArgument says which text is not what it should be.
Expected<TlsContext> make_tls_context(const TlsText& text);

}  // namespace kilonova::http
