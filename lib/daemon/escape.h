// Texts of strangers inside a log line: nothing in a name can end the line, forge a field, or speak to a terminal.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace kilonova {

using LineBuffer = fmt::basic_memory_buffer<char, 1024>;

// In double quotes, as C and JSON do it: \" \\ \n \r \t, \u00XX for other controls (C0, DEL, C1, U+2028, U+2029). Broken UTF-8
// becomes U+FFFD, byte by byte; everything else stays.
void append_quoted(LineBuffer& out, std::string_view text);

// As it is when it consists of harmless ASCII only (letters, digits and . _ - : / + @ , *) and is not empty; else quoted.
void append_word(LineBuffer& out, std::string_view text);

// The text that append_quoted wrote, whose opening quote is at text[position]; position moves behind the closing quote.
// Also reads what other writers of JSON escape. Nothing when it does not end, or an escape is unknown.
std::optional<std::string> parse_quoted(std::string_view text, size_t& position);

}  // namespace kilonova
