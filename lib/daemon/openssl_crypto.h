// ports/crypto.h with OpenSSL. Password hashes and key pairs are made on worker threads and awaited: each kind has threads
// of its own, so that log-ins do not wait behind keys. What nobody awaits any more is not begun.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "daemon/worker_pool.h"
#include "ports/crypto.h"
#include "runtime/pending_calls.h"
#include "runtime/real_loop.h"

namespace kilonova {

// Loop thread only, as the port says. The loop must outlive it, and it the flows that await it.
class OpensslCrypto final : public Crypto {
 public:
  // `threads`: of each kind of work.
  explicit OpensslCrypto(RealLoop& loop, size_t threads = 1);

  std::string random_bytes(size_t n) override;
  Task<std::string> hash_password(std::string password) override;
  Task<bool> verify_password(std::string password, std::string hash) override;
  std::string sign(std::string_view key, std::string_view message) override;
  Task<Expected<GeneratedKeyPair>> generate_key_pair(std::string type, std::string comment) override;
  Expected<std::string> fingerprint(std::string_view public_key) override;
  std::string ec2_fingerprint(std::string_view public_key) override;

 private:
  using Result = std::variant<std::string, bool, Expected<GeneratedKeyPair>>;

  // The result of the function, which one of these workers runs. Nothing runs when the flow ends before.
  template <class Function>
  Task<Result> run(WorkerPool& workers, Function function);

  RealLoop& loop_;
  PendingCalls<Result> calls_;
  WorkerPool passwords_;  // last: their jobs post to calls_
  WorkerPool key_pairs_;
};

}  // namespace kilonova
