#include "cli/top/terminal_screen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace kilonova::cli {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";  // the other screen, without a cursor
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
constexpr auto kSignals = std::to_array<int>({SIGINT, SIGTERM, SIGHUP, SIGWINCH});
constexpr char kWake = 0;  // any other byte in the pipe is a signal's number

// gRPC's threads take signals too: a handler that writes to a pipe is right on any of them.
int pipe_ends[2] = {-1, -1};
termios before{};
std::array<struct sigaction, kSignals.size()> actions_before{};

void on_signal(int signal) {
  const int error = errno;
  const char byte = static_cast<char>(signal);
  (void)!::write(pipe_ends[1], &byte, 1);
  errno = error;
}

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // a terminal that is gone: SIGHUP ends the command
    text.remove_prefix(static_cast<size_t>(written));
  }
}

winsize size_now() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

}  // namespace

TerminalScreen::TerminalScreen() = default;

TerminalScreen::~TerminalScreen() {
  if (!is_open_) return;
  write_all(kLeave);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &actions_before[i], nullptr);
  // The pipe stays: a handler may still be at work on another thread.
}

Expected<> TerminalScreen::open() {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1 || tcgetattr(STDIN_FILENO, &before) != 0)
    return fail(ErrorCode::kUnavailable, "top needs a terminal; kilonova top --once prints one frame");
  if (pipe_ends[0] < 0 && ::pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return fail(ErrorCode::kUnavailable, fmt::format("there is no pipe left: {}", std::strerror(errno)));
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &actions_before[i]);
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;  // stopped, it would leave the terminal as it is
  is_open_ = true;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
  write_all(kEnter);
  return {};
}

TerminalScreen::Happened TerminalScreen::wait(Duration most) {
  std::array<pollfd, 2> sources{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{pipe_ends[0], POLLIN, 0}};
  if (::poll(sources.data(), sources.size(), static_cast<int>(std::max<int64_t>(most.us / 1'000, 0))) < 0)
    return Happened::kNothing;  // a signal: its byte is there the next time
  Happened happened = Happened::kNothing;
  char byte = 0;
  if (sources[0].revents != 0) {
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got == 0 || (got < 0 && errno != EINTR) || (got == 1 && (byte == 'q' || byte == 'Q'))) return Happened::kQuit;
  }
  while (sources[1].revents != 0 && ::read(pipe_ends[0], &byte, 1) == 1) {
    if (byte == SIGINT || byte == SIGTERM || byte == SIGHUP) return Happened::kQuit;
    if (byte == SIGWINCH) {
      happened = Happened::kResized;
    } else if (happened == Happened::kNothing) {
      happened = Happened::kWoken;
    }
  }
  return happened;
}

void TerminalScreen::wake() { (void)!::write(pipe_ends[1], &kWake, 1); }

void TerminalScreen::draw(const std::string& frame) {
  std::string text = "\x1b[H";
  for (size_t begin = 0; begin < frame.size();) {
    const size_t end = std::min(frame.find('\n', begin), frame.size());
    // The last line has no line feed behind it: a full screen would scroll.
    text += frame.substr(begin, end - begin) + (end + 1 < frame.size() ? "\x1b[K\r\n" : "\x1b[K");
    begin = end + 1;
  }
  write_all(text + "\x1b[J");
}

size_t TerminalScreen::width() const {
  const winsize size = size_now();
  return size.ws_col > 0 ? size.ws_col : 80;
}

size_t TerminalScreen::height() const {
  const winsize size = size_now();
  return size.ws_row > 0 ? size.ws_row : 24;
}

}  // namespace kilonova::cli
