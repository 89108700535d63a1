#include "rpc/node/tls.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

namespace kilonova {
namespace {

// Debian's store of public CAs.
constexpr const char* kSystemCas = "/etc/ssl/certs/ca-certificates.crt";

using Bio = std::unique_ptr<BIO, decltype(&::BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;

std::unexpected<Error> wrong(std::string message) { return fail(ErrorCode::kInvalidArgument, std::move(message)); }

Expected<std::string> read_pem(std::string_view what, const std::string& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    return wrong(fmt::format("the {} {} cannot be read: it is a directory", what, file));
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return wrong(fmt::format("the {} {} cannot be read: {}", what, file, std::strerror(errno)));
  return text.str();
}

Bio memory(const std::string& text) {
  return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &::BIO_free);
}

// No passphrase is asked for on the terminal of a daemon.
int no_passphrase(char*, int, int, void*) { return 0; }

Expected<Certificate> parse_certificate(std::string_view what, const std::string& file, const std::string& text) {
  Bio bio = memory(text);
  Certificate certificate(::PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr), &::X509_free);
  ::ERR_clear_error();
  if (!certificate) return wrong(fmt::format("the {} {} holds no certificate in PEM form", what, file));
  return certificate;
}

std::string date(const ASN1_TIME* time) {
  tm parts{};
  if (::ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown date";
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

Expected<> check_dates(const std::string& file, const X509* certificate) {
  const ASN1_TIME* from = ::X509_get0_notBefore(certificate);
  const ASN1_TIME* until = ::X509_get0_notAfter(certificate);
  if (::X509_cmp_current_time(until) < 0)
    return wrong(fmt::format("the certificate {} expired on {}", file, date(until)));
  if (::X509_cmp_current_time(from) > 0)
    return wrong(fmt::format("the certificate {} is valid from {} on only", file, date(from)));
  return {};
}

Expected<> check_pair(const TlsFiles& files, const Tls& tls) {
  struct stat status{};
  if (::stat(files.key.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
    return wrong(fmt::format("every user of this machine can read the key {}: chmod 600 {}", files.key, files.key));
  Expected<Certificate> certificate = parse_certificate("certificate", files.certificate, tls.certificate);
  if (!certificate) return std::unexpected(certificate.error());
  Bio bio = memory(tls.key);
  Key key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr), &::EVP_PKEY_free);
  bool belongs = key && ::X509_check_private_key(certificate->get(), key.get()) == 1;
  ::ERR_clear_error();
  if (!key)
    return wrong(fmt::format("the key {} holds no private key in PEM form, or one with a passphrase: store it without",
                             files.key));
  if (!belongs)
    return wrong(fmt::format("the key {} does not belong to the certificate {}", files.key, files.certificate));
  return check_dates(files.certificate, certificate->get());
}

struct OptionNames {
  const char* certificate;
  const char* key;
  const char* ca;
};
// In the order of TlsUse.
constexpr auto kOptionNames = std::to_array<OptionNames>({
    {"--tls-certificate", "--tls-key", "--tls-ca"},
    {"--cluster-certificate", "--cluster-key", "--cluster-ca"},
    {"--os-cert", "--os-key", "--ca-file"},
});
static_assert(kOptionNames.size() == static_cast<size_t>(TlsUse::kClient) + 1, "each use has its names");

Expected<> check_complete(const TlsFiles& files, TlsUse use) {
  const OptionNames& names = kOptionNames[static_cast<size_t>(use)];
  const char* given = !files.certificate.empty() ? names.certificate : !files.key.empty() ? names.key : names.ca;
  auto missing = [&](const char* needed) { return wrong(fmt::format("{} needs {} beside it", given, needed)); };
  bool pair_needed = use != TlsUse::kClient || !files.certificate.empty() || !files.key.empty();
  if (pair_needed && files.certificate.empty()) return missing(names.certificate);
  if (pair_needed && files.key.empty()) return missing(names.key);
  if (use == TlsUse::kCluster && files.ca.empty()) return missing(names.ca);
  return {};
}

// gRPC writes a line to standard error for each handshake that fails: whoever can connect could fill a disk with them, and
// they would stand where the reasons of a daemon's end are looked for. What matters reaches our own log as the status.
void silence_grpc() {
  static const bool done = [] {
    if (std::getenv("GRPC_VERBOSITY") == nullptr) ::gpr_set_log_function([](gpr_log_func_args*) {});
    return true;
  }();
  (void)done;
}

}  // namespace

Expected<TlsPtr> load_tls(const TlsFiles& files, TlsUse use) {
  if (files.empty() && use != TlsUse::kClient) return TlsPtr();
  if (auto complete = check_complete(files, use); !complete) return std::unexpected(complete.error());
  Tls tls{.peer_name = files.peer_name};
  std::string ca = files.ca.empty() && use == TlsUse::kClient ? kSystemCas : files.ca;
  for (auto [what, file, text] :
       {std::tuple("certificate", &files.certificate, &tls.certificate), std::tuple("key", &files.key, &tls.key),
        std::tuple("CA file", &std::as_const(ca), &tls.ca)}) {
    if (file->empty()) continue;
    Expected<std::string> read = read_pem(what, *file);
    if (!read) return std::unexpected(read.error());
    *text = std::move(*read);
  }
  if (!tls.ca.empty())
    if (auto parsed = parse_certificate("CA file", ca, tls.ca); !parsed) return std::unexpected(parsed.error());
  if (!tls.certificate.empty())
    if (auto pair = check_pair(files, tls); !pair) return std::unexpected(pair.error());
  return std::make_shared<const Tls>(std::move(tls));
}

std::shared_ptr<grpc::ServerCredentials> server_credentials(const TlsPtr& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  silence_grpc();
  grpc::SslServerCredentialsOptions options(tls->ca.empty()
                                                ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                                : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls->ca;
  options.pem_key_cert_pairs.push_back({tls->key, tls->certificate});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const TlsPtr& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  silence_grpc();
  return grpc::SslCredentials({tls->ca, tls->key, tls->certificate});
}

}  // namespace kilonova
