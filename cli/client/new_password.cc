#include "cli/client/new_password.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "daemon/loopback.h"

namespace kilonova::cli {
namespace {

// While it lives, a terminal does not show what is typed.
class NoEcho {
 public:
  NoEcho() {
    is_terminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!is_terminal_) return;
    fmt::print(stderr, "Password: ");
    std::fflush(stderr);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    fmt::print(stderr, "\n");
  }
  NoEcho(const NoEcho&) = delete;

 private:
  termios before_{};
  bool is_terminal_ = false;
};

}  // namespace

Expected<std::string> read_new_password(const NewPassword& given) {
  if (given.file.empty() == given.text.empty())
    return fail(ErrorCode::kInvalidArgument,
                "the password is needed once: --password-file FILE (- is standard input), or --password");
  if (!given.text.empty()) return given.text;
  if (given.file != "-") return read_secret_file("password", given.file);
  std::string line;
  {
    NoEcho no_echo;
    std::getline(std::cin, line);
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return fail(ErrorCode::kInvalidArgument, "no password came from standard input");
  return line;
}

}  // namespace kilonova::cli
