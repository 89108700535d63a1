// The forms that names, texts and numbers of a request must have. Every operation's check() is made of them. Pure; each
// refusal is kInvalidArgument, names the value and says what would be right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace kilonova {

// The text in quotes for a message: control characters and broken UTF-8 as "?", cut after 64 characters.
std::string in_quotes(std::string_view text);

// Nova's name rule (nova/api/validation/parameter_types.py): 1 to max_length characters of UTF-8, all printable, no white
// space at either end. Not printable: controls, line and paragraph separators, formatting and bidirectional marks,
// surrogates, private use, non-characters. `what` begins the message: "the server's name".
Expected<> check_name(std::string_view what, std::string_view name, size_t max_length = 255);

// Printable as above, 0 to max_length characters, white space anywhere.
Expected<> check_text(std::string_view what, std::string_view text, size_t max_length = 255);

// A host's name, which casts, `--availability-zone zone:host` and operators must be able to say: as check_name, without
// what stands for bytes that were no UTF-8 on the way (U+FFFD). "the host's name 'a?b' has ..."
Expected<> check_host_name(std::string_view name);

// Only ASCII letters, digits and the characters of `others`; 1 to max_length.
Expected<> check_word(std::string_view what, std::string_view word, std::string_view others, size_t max_length = 255);

// A reference is an id or a name: as check_name, never empty. `what` is its noun: "flavor".
Expected<> check_reference(std::string_view what, std::string_view reference);

inline constexpr int64_t kMaxAmount = 2'147'483'647;  // Nova's db.MAX_INT

// least <= value <= most.
Expected<> check_amount(std::string_view what, int64_t value, int64_t least, int64_t most = kMaxAmount);

inline constexpr uint32_t kMaxPageSize = 1000;  // Nova's max_limit

// 1 to kMaxPageSize.
Expected<> check_limit(uint32_t limit);

// Of a call whose repetition is to be the same call: "" = it has none.
Expected<> check_client_token(std::string_view token);

// The first refusal of several checks.
template <class... Checks>
Expected<> check_all(Checks... checks) {
  Expected<> result;
  auto take = [&result](Expected<> check) {
    if (result && !check) result = std::move(check);
  };
  (take(std::move(checks)), ...);
  return result;
}

inline std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace kilonova
