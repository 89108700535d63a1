#include "http/tls_context.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <string_view>

namespace kilonova::http {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&::BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;

Bio memory(const std::string& text) {
  return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &::BIO_free);
}

// No passphrase is asked for on the terminal of a daemon.
int no_passphrase(char*, int, int, void*) { return 0; }

Certificate next_certificate(BIO* bio) {
  return Certificate(::PEM_read_bio_X509(bio, nullptr, &no_passphrase, nullptr), &::X509_free);
}

std::unexpected<Error> wrong(std::string_view what) {
  ::ERR_clear_error();
  return fail(ErrorCode::kInvalidArgument, std::string(what));
}

bool use_chain(SSL_CTX* context, const std::string& text) {
  Bio bio = memory(text);
  Certificate own = next_certificate(bio.get());
  if (!own || ::SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (Certificate link = next_certificate(bio.get()))
    if (::SSL_CTX_add1_chain_cert(context, link.get()) != 1) return false;
  return true;
}

bool use_key(SSL_CTX* context, const std::string& text) {
  Bio bio = memory(text);
  Key key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr), &::EVP_PKEY_free);
  return key && ::SSL_CTX_use_PrivateKey(context, key.get()) == 1 && ::SSL_CTX_check_private_key(context) == 1;
}

bool use_ca(SSL_CTX* context, const std::string& text) {
  Bio bio = memory(text);
  X509_STORE* store = ::SSL_CTX_get_cert_store(context);
  bool any = false;
  while (Certificate certificate = next_certificate(bio.get())) {
    any = ::X509_STORE_add_cert(store, certificate.get()) == 1;
    if (!any) return false;
  }
  return any;
}

}  // namespace

Expected<TlsContext> make_tls_context(const TlsText& text) {
  if (text.empty()) return TlsContext();
  TlsContext context(::SSL_CTX_new(::TLS_server_method()), [](SSL_CTX* owned) { ::SSL_CTX_free(owned); });
  if (!context) return wrong("TLS cannot be set up: OpenSSL refuses");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  ::SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (!use_chain(context.get(), text.certificate)) return wrong("the TLS certificate is no certificate in PEM form");
  if (!use_key(context.get(), text.key)) return wrong("the TLS key is no key in PEM form, or another certificate's");
  if (!text.ca.empty()) {
    if (!use_ca(context.get(), text.ca)) return wrong("the TLS CA is no certificate in PEM form");
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  ::ERR_clear_error();  // the end of each PEM text left one
  return context;
}

}  // namespace kilonova::http
