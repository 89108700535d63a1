#include "cli/self.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/client/cloud_place.h"

namespace kilonova::cli {
namespace {

void redirect(const std::string& file, int fd) {
  if (file.empty()) return;
  int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (opened < 0) ::_exit(126);
  ::dup2(opened, fd);
}

}  // namespace

std::string program_dir() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

Environment environment_of(const Globals& globals) {
  Environment environment{{"OS_USERNAME", globals.user.value},
                          {"OS_PASSWORD", globals.password.value},
                          {"OS_PROJECT_NAME", globals.project.value}};
  auto place = cloud_place(globals);
  if (!place) return environment;
  environment.emplace_back("KILONOVA_STATE_DIR", place->state_dir);
  environment.emplace_back("KILONOVA_ENDPOINT",
                           place->endpoint.empty() ? "" : (place->https ? "https://" : "") + place->endpoint);
  environment.emplace_back("OS_CACERT", place->tls.ca);
  environment.emplace_back("OS_CERT", place->tls.certificate);
  environment.emplace_back("OS_KEY", place->tls.key);
  return environment;
}

Expected<pid_t> start_program(const std::vector<std::string>& argv, const Environment& more,
                              const std::string& output_file, const std::string& error_file) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t parent = ::getpid();
  std::fflush(stdout);
  pid_t pid = ::fork();
  if (pid < 0)
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be started: {}", argv[0], std::strerror(errno)));
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  // What we ignore or pass on is the other program's own affair.
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  for (const auto& [name, value] : more)
    value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
  redirect(output_file, STDOUT_FILENO);
  redirect(error_file, STDERR_FILENO);
  ::execvp(words[0], words.data());
  int error = errno;
  std::string why = fmt::format("kilonova: {} cannot be started: {}\n", argv[0], std::strerror(error));
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, why.data(), why.size());
  ::_exit(error == ENOENT ? 127 : 126);
}

int end_of_program(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace kilonova::cli
