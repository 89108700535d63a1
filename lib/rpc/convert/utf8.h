// protobuf refuses a whole frame for one `string` that is not UTF-8, and a numbered stream would send that frame again for
// ever. So every text is made UTF-8 before it is put into a message.
#pragma once

#include <string>
#include <string_view>

namespace kilonova::rpc {

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// The same text with U+FFFD for each byte that is not part of a well-formed character.
std::string to_utf8(std::string_view text);

}  // namespace kilonova::rpc
