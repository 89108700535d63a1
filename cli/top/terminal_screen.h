// TerminalScreen: the whole terminal for a while, keys as they are pressed, and signals as things to read. Whatever ends
// the command but a kill, the terminal is as it was. One at a time in a process; one thread, but for wake().
#pragma once

#include <string>

#include "base/error.h"
#include "base/time.h"

namespace kilonova::cli {

class TerminalScreen {
 public:
  enum class Happened {
    kNothing,  // the time is over
    kWoken,    // wake()
    kResized,  // the terminal's window
    kQuit,     // q, Ctrl-C, or a signal that asks to end
  };

  TerminalScreen();
  // Restores the terminal and the signals.
  ~TerminalScreen();
  TerminalScreen(const TerminalScreen&) = delete;
  TerminalScreen& operator=(const TerminalScreen&) = delete;

  // Takes the terminal over. kUnavailable: standard input and output are none.
  Expected<> open();
  // Until something happens, at most so long. What happened while nobody waited is told first.
  Happened wait(Duration most);
  // Ends a wait(). Any thread.
  void wake();
  // In place of what is shown. `frame`: lines with a newline each, that fit.
  void draw(const std::string& frame);
  size_t width() const;
  size_t height() const;

 private:
  bool is_open_ = false;
};

}  // namespace kilonova::cli
