// Forms of names and other texts that clients, users' files and peers bring. What one door takes, every other can name.
// Pure.
#pragma once

#include <string_view>

#include "base/error.h"

namespace kilonova {

// The text in quotes for a message: control characters and broken UTF-8 as "?", cut after 64 characters.
std::string in_quotes(std::string_view text);

// Nova's name rule (nova/api/validation/parameter_types.py): 1 to max_length characters of UTF-8, all printable, no
// white space at either end. Not printable: controls, line and paragraph separators, formatting and bidirectional
// marks, surrogates, private use, non-characters. `what` begins the message: "the server's name".
Expected<> check_name(std::string_view what, std::string_view name, size_t max_length = 255);

// Printable as above, 0 to max_length characters, white space anywhere.
Expected<> check_text(std::string_view what, std::string_view text, size_t max_length = 255);

// A host's name, which casts, `--availability-zone zone:host` and operators must be able to say: as check_name, without
// what stands for bytes that were no UTF-8 on the way (U+FFFD). "the host's name 'a?b' has ..."
Expected<> check_host_name(std::string_view name);

// Only ASCII letters, digits and the characters of `others`; 1 to max_length.
Expected<> check_word(std::string_view what, std::string_view word, std::string_view others, size_t max_length = 255);

}  // namespace kilonova
