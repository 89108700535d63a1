#include "tests/unit/rpc-convert/fill.h"

#include <google/protobuf/descriptor.h>

#include "base/check.h"

namespace kilonova::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string random_word(Random& random) {
  std::string word;
  for (int i = 0; i < 12; ++i) word += static_cast<char>('a' + random.below(26));
  return word + "-\xc3\xa4";  // not only ASCII
}

// Ids have 16 bytes; the signing key 32, and must survive any byte.
std::string random_bytes(const FieldDescriptor* field, Random& random) {
  std::string bytes(field->name() == "signing_key" ? 32 : 16, '\0');
  for (char& c : bytes) c = static_cast<char>(1 + random.below(255));
  return bytes;
}

// Never 0, and within what the domain's narrower types hold.
uint64_t random_number(const FieldDescriptor* field, Random& random) {
  uint64_t limit = uint64_t{1} << 31;
  if (field->name() == "prefix") limit = 32;
  if (field->name() == "vlan") limit = 4095;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64 || field->cpp_type() == FieldDescriptor::CPPTYPE_INT64)
    limit = uint64_t{1} << 62;
  if (field->name() == "mac") limit = (uint64_t{1} << 48) - 1;
  return 1 + random.below(limit);
}

const google::protobuf::EnumValueDescriptor* random_enum(const FieldDescriptor* field, Random& random) {
  const auto* type = field->enum_type();
  return type->value(1 + static_cast<int>(random.below(type->value_count() - 1)));
}

void set_value(Message* message, const FieldDescriptor* field, Random& random) {
  const auto* r = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: return fill(r->MutableMessage(message, field), random);
    case FieldDescriptor::CPPTYPE_STRING:
      return r->SetString(
          message, field,
          field->type() == FieldDescriptor::TYPE_BYTES ? random_bytes(field, random) : random_word(random));
    case FieldDescriptor::CPPTYPE_ENUM: return r->SetEnum(message, field, random_enum(field, random));
    case FieldDescriptor::CPPTYPE_BOOL:
      return r->SetBool(message, field, field->has_presence() ? random.chance(0.5) : true);
    case FieldDescriptor::CPPTYPE_DOUBLE: return r->SetDouble(message, field, random.uniform() + 0.5);
    case FieldDescriptor::CPPTYPE_INT32:
      return r->SetInt32(message, field, static_cast<int32_t>(random_number(field, random) / 2) + 1);
    case FieldDescriptor::CPPTYPE_UINT32:
      return r->SetUInt32(message, field, static_cast<uint32_t>(random_number(field, random)));
    case FieldDescriptor::CPPTYPE_INT64:
      return r->SetInt64(message, field, static_cast<int64_t>(random_number(field, random)));
    case FieldDescriptor::CPPTYPE_UINT64: return r->SetUInt64(message, field, random_number(field, random));
    case FieldDescriptor::CPPTYPE_FLOAT: break;
  }
  KN_CHECK(false, "a type that no message uses yet");
}

void add_value(Message* message, const FieldDescriptor* field, Random& random) {
  const auto* r = message->GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return fill(r->AddMessage(message, field), random);
  if (field->type() == FieldDescriptor::TYPE_BYTES) return r->AddString(message, field, random_bytes(field, random));
  if (field->type() == FieldDescriptor::TYPE_STRING) return r->AddString(message, field, random_word(random));
  KN_CHECK(field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64, "a list type that no message uses yet");
  r->AddUInt64(message, field, random_number(field, random));
}

bool is_wanted(const FieldDescriptor* field, const std::string& alternative) {
  const auto* oneof = field->real_containing_oneof();
  if (!oneof) return true;
  return alternative.empty() ? field == oneof->field(0) : field->name() == alternative;
}

bool is_set(const Message& message, const FieldDescriptor* field) {
  const auto* r = message.GetReflection();
  if (const auto* oneof = field->real_containing_oneof()) return r->HasOneof(message, oneof);
  return field->is_repeated() ? r->FieldSize(message, field) > 0 : r->HasField(message, field);
}

void collect_unset(const Message& message, const std::string& prefix, std::vector<std::string>* unset) {
  const auto* r = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* field = message.GetDescriptor()->field(i);
    if (!is_set(message, field)) {
      unset->push_back(prefix + field->name());
      continue;
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    std::string below = prefix + field->name() + ".";
    if (!field->is_repeated()) {
      if (r->HasField(message, field)) collect_unset(r->GetMessage(message, field), below, unset);
    } else {
      for (int k = 0; k < r->FieldSize(message, field); ++k)
        collect_unset(r->GetRepeatedMessage(message, field, k), below, unset);
    }
  }
}

}  // namespace

void fill(Message* message, Random& random, const std::string& alternative) {
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const auto* field = message->GetDescriptor()->field(i);
    if (!is_wanted(field, alternative)) continue;
    if (field->is_repeated()) {
      add_value(message, field, random);
      add_value(message, field, random);
    } else {
      set_value(message, field, random);
    }
  }
}

std::vector<std::string> unset_fields(const Message& message) {
  std::vector<std::string> unset;
  collect_unset(message, "", &unset);
  return unset;
}

}  // namespace kilonova::rpc
