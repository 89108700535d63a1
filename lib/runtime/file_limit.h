// How many files and sockets this process may have open at once.
#pragma once

#include <cstddef>

namespace kilonova {

// Raises the limit as far as the system lets it, up to 65,536, and says what it is then. Any thread; may be repeated.
size_t raise_file_limit();

}  // namespace kilonova
