// kilonova.conf, which its owner edits. What is read is written so that it is read again.
#include "base/check.h"
#include "daemon/config_file.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_config_file) {
  using namespace kilonova;
  auto file = ConfigFile::parse("kilonova.conf", bytes);
  if (!file) {
    KN_CHECK(file.error().code == ErrorCode::kInvalidArgument, "a wrong file is an invalid argument");
    KN_CHECK(file.error().message.find('\n') == std::string::npos, "an error is one line");
    return;
  }
  auto again = ConfigFile::parse("kilonova.conf", file->text());
  KN_CHECK(again.has_value() && again->entries().size() == file->entries().size(), "what is written is read again");
  for (const ConfigEntry& entry : file->entries()) {
    const ConfigEntry* found = again->find(entry.section, entry.key);
    KN_CHECK(found != nullptr && found->value == entry.value, "a value was lost on the way");
  }
}
