// Small facts that several mains need about where they listen and what they own on disk.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova {

// True for unix sockets, 127.0.0.0/8, ::1 and localhost: nobody from another machine can reach a daemon there. False for
// what is no address.
bool is_loopback(const std::string& address);

// The whole file without the line ends at its end. kInvalidArgument naming `what` and the file: when it cannot be read, is
// empty, or can be read by every user of the machine.
Expected<std::string> read_secret_file(std::string_view what, const std::string& file);

// Makes it, whatever the umask, with mode 0700 when it is not there, so that it survives power loss; its parents as usual.
// One that is there and is ours gets that mode if `tighten`. kUnavailable naming the directory and why; kPermissionDenied for one
// of another user, who could have the files that are written there be links to others.
Expected<> make_private_directory(const std::string& directory, bool tighten = true);
// A state directory and the parts of it that every daemon has. The directory itself keeps its mode when it is there
// already: it may be somebody's home.
Expected<> make_state_directories(const std::string& state_dir, std::initializer_list<const char*> parts);

}  // namespace kilonova
