#include "tests/support/store/postgres_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <vector>

#include "base/check.h"

namespace kilonova {
namespace {

constexpr int kOldest = 15;

// Debian has a directory for each version.
std::string newest_programs() {
  for (int version = 30; version >= kOldest; --version) {
    std::string directory = fmt::format("/usr/lib/postgresql/{}/bin", version);
    if (std::filesystem::exists(directory + "/initdb")) return directory;
  }
  return "";
}

// PostgreSQL refuses to run as root.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) user = ::getpwnam("nobody");
  KN_CHECK(user != nullptr, "neither postgres nor nobody is a user here");
  return user;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> list;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) list.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

int exit_code(pid_t process) {
  int status = 0;
  KN_CHECK(::waitpid(process, &status, 0) == process, "a child is gone");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

PostgresServer* PostgresServer::shared() {
  static const std::unique_ptr<PostgresServer> server =
      newest_programs().empty() ? nullptr : std::make_unique<PostgresServer>();
  return server.get();
}

PostgresServer::PostgresServer(uint64_t largest_file) : largest_file_(largest_file), programs_(newest_programs()) {
  KN_CHECK(!programs_.empty(), kNotInstalled);
  // The runner's directory is its user's alone.
  const std::filesystem::path above = other_user() == nullptr ? std::filesystem::temp_directory_path() : "/tmp";
  directory_ = (above / "kilonova-postgres-XXXXXX").string();
  KN_CHECK(::mkdtemp(directory_.data()) != nullptr, "no temporary directory could be made");
  if (const passwd* user = other_user()) {
    KN_CHECK(::chown(directory_.c_str(), user->pw_uid, user->pw_gid) == 0, "a directory could not be given away");
  }
  const std::string arguments = fmt::format("-D {}/data -U kilonova -A trust -E UTF8 --locale=C --no-sync", directory_);
  KN_CHECK(exit_code(run("initdb", arguments, -1)) == 0, "initdb failed");
  std::ofstream(directory_ + "/data/pg_hba.conf") << "local all secret scram-sha-256\nlocal all all trust\n";
  start();
}

PostgresServer::~PostgresServer() {
  if (server_ != 0) crash();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

// `output`: where its standard error goes; -1 = nowhere.
pid_t PostgresServer::run(const std::string& program, const std::string& arguments, int output) {
  std::vector<std::string> line = words(programs_ + "/" + program + " " + arguments);
  std::vector<char*> pointers;
  for (std::string& word : line) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const passwd* user = other_user();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  KN_CHECK(child >= 0, "fork failed");
  if (child > 0) return child;
  if (user != nullptr && (::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) ::_exit(126);
  const rlimit limit{largest_file_, largest_file_};
  if (largest_file_ != 0 && ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent || ::chdir("/") != 0) ::_exit(126);
  if (output >= 0) ::dup2(output, STDERR_FILENO);
  if (output < 0 && std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(126);
  if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

void PostgresServer::start() {
  int ends[2];
  KN_CHECK(::pipe2(ends, O_CLOEXEC) == 0, "no pipe could be made");
  const std::string arguments =
      fmt::format("-D {0}/data -k {0} -c listen_addresses= -c fsync=off -c autovacuum=off", directory_);
  server_ = run("postgres", arguments, ends[1]);
  ::close(ends[1]);
  std::promise<bool> serves;
  std::future<bool> is_ready = serves.get_future();
  log_reader_ = std::thread([log = ends[0], serves = std::move(serves)]() mutable {
    std::string text;
    bool told = false;
    char bytes[4096];
    for (ssize_t n = 0; (n = ::read(log, bytes, sizeof(bytes))) > 0;) {
      if (told) continue;
      text.append(bytes, static_cast<size_t>(n));
      if (text.find("ready to accept ") == std::string::npos) continue;
      told = true;
      serves.set_value(true);
    }
    if (!told) std::fputs(text.c_str(), stderr);
    if (!told) serves.set_value(false);
    ::close(log);
  });
  KN_CHECK(is_ready.get(), "the server did not start");
}

void PostgresServer::end(int signal) {
  ::kill(server_, signal);
  (void)exit_code(server_);
  server_ = 0;
  log_reader_.join();
}

void PostgresServer::become_replica() {
  end(SIGINT);
  std::ofstream(directory_ + "/data/standby.signal") << "";
  start();
}

std::string PostgresServer::url(const std::string& database) const {
  return fmt::format("postgresql://kilonova@/{}?host={}", database, directory_);
}

std::string PostgresServer::new_database() {
  const std::string name = fmt::format("cloud{}", ++databases_);
  sql(url("postgres"), "CREATE DATABASE " + name);
  return url(name);
}

std::string PostgresServer::sql(const std::string& url, const std::string& text) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(url.c_str()), PQfinish);
  KN_CHECK(PQstatus(connection.get()) == CONNECTION_OK, PQerrorMessage(connection.get()));
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), text.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  KN_CHECK(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, PQerrorMessage(connection.get()));
  return PQntuples(result.get()) == 0 ? "" : PQgetvalue(result.get(), 0, 0);
}

}  // namespace kilonova
