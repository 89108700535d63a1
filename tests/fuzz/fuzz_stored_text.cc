// Structured columns of a database's rows: a file that a disk, or somebody with an editor, has changed.
#include <vector>

#include "domain/instance.h"
#include "domain/metadata.h"
#include "store/codec.h"
#include "store/launch_record_codec.h"
#include "store/visit.h"
#include "tests/fuzz/fuzz.h"

namespace kilonova {
namespace {

template <class T>
void read_back(std::string_view bytes) {
  auto value = decode_text<T>(bytes);
  if (!value) {
    KN_CHECK(value.error().code == ErrorCode::kDataLoss, "what cannot be read is lost data");
    return;
  }
  auto again = decode_text<T>(encode_text(*value));
  KN_CHECK(again && *again == *value, "what was read is written and read again");
}

// A whole row is a text of the same form, which has each of its columns in it.
template <class... Rows>
void read_back_rows(TypeList<Rows...>, std::string_view bytes) {
  (read_back<Rows>(bytes), ...);
}

}  // namespace
}  // namespace kilonova

KN_FUZZ_TARGET(fuzz_stored_text) {
  using namespace kilonova;
  read_back<RequestSpec>(bytes);
  read_back<std::vector<Address>>(bytes);
  read_back<std::vector<std::string>>(bytes);
  read_back<std::vector<MetadataItem>>(bytes);
  read_back_rows(StoredRecords{}, bytes);
  read_back<Instance>(bytes);
  LaunchRecordRows rows;
  if (auto read = decode_launch_record(bytes, rows); !read)
    KN_CHECK(read.error().code == ErrorCode::kDataLoss, "what cannot be read is lost data");
}
