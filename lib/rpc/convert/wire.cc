#include "rpc/convert/wire.h"

#include <fmt/format.h>

#include <cstring>

#include "rpc/convert/utf8.h"

namespace kilonova::rpc {

void put_text(std::string_view value, std::string* wire) {
  if (is_utf8(value)) {
    wire->assign(value);
  } else {
    *wire = to_utf8(value);
  }
}

void out_of_range(Decoder& decoder, uint64_t value, uint64_t limit) {
  decoder.fail(fmt::format("{} is over {}", value, limit));
}

void unknown_enum(Decoder& decoder, int value, const google::protobuf::EnumDescriptor* descriptor, bool has_zero) {
  std::string known;
  for (int i = has_zero ? 0 : 1; i < descriptor->value_count(); ++i)
    known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", descriptor->value(i)->name(),
                         descriptor->value(i)->number());
  decoder.fail(fmt::format("{} is not a {}: {}", value, descriptor->name(), known));
}

void from_wire(const std::string& wire, Uuid* value, Decoder& decoder) {
  if (wire.empty()) {
    *value = Uuid{};
  } else if (wire.size() == value->bytes.size()) {
    std::memcpy(value->bytes.data(), wire.data(), value->bytes.size());
  } else {
    decoder.fail(fmt::format("an id has 16 bytes, not {}", wire.size()));
  }
}

}  // namespace kilonova::rpc
