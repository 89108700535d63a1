// PostgresServer: a PostgreSQL server of a test's own, on a socket in a temporary directory, that ends with the test.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <thread>

namespace kilonova {

// A server takes a second to make: the tests of a program share one, and have a database each.
class PostgresServer {
 public:
  // The one of this program, begun at the first call; null where PostgreSQL 15 is not installed.
  static PostgresServer* shared();
  static constexpr const char* kNotInstalled = "postgresql-15 is not installed";

  // No file of its database grows beyond so many bytes; 0 = no limit.
  explicit PostgresServer(uint64_t largest_file = 0);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;

  // A database that is new and empty; its URL. The role "secret" needs a password, all others none.
  std::string new_database();
  std::string url(const std::string& database) const;
  // In a database: statements without results, or the text of the one value that they return.
  std::string sql(const std::string& url, const std::string& text);

  void start();
  // At once, as by a power loss; what was committed stays.
  void crash() { end(SIGQUIT); }
  // In an orderly way, and from the next start on it is a replica of nobody.
  void become_replica();

 private:
  pid_t run(const std::string& program, const std::string& arguments, int output);
  void end(int signal);

  uint64_t largest_file_;
  std::string directory_;
  std::string programs_;
  pid_t server_ = 0;
  std::thread log_reader_;
  int databases_ = 0;
};

}  // namespace kilonova
