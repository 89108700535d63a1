// The journal of a compute process, as a crash, a disk or somebody's editor left it.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "store/file_guest_journal.h"
#include "tests/fuzz/fuzz.h"

namespace {

// One directory for all runs of this process, gone at its end.
class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kn-journal-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file() const { return path_ + "/journal"; }

 private:
  std::string path_;
};

}  // namespace

KN_FUZZ_TARGET(fuzz_guest_journal) {
  using namespace kilonova;
  static const Directory directory;
  {
    std::ofstream out(directory.file(), std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  std::vector<GuestRecord> guests;
  {
    FileGuestJournal journal(directory.file(), SyncMode::kNormal);
    auto loaded = journal.load();
    if (!loaded) return;
    guests = *std::move(loaded);
    GuestRecord more;
    more.host = "c-fuzz";
    KN_CHECK(journal.put(more).has_value(), "a journal that was read can be written");
  }
  FileGuestJournal again(directory.file(), SyncMode::kNormal);
  auto loaded = again.load();
  KN_CHECK(loaded.has_value(), "what was read once is read again");
  KN_CHECK(again.note().empty(), "what was torn was mended the first time");
  KN_CHECK(loaded->size() == guests.size() + 1 || loaded->size() == guests.size(), "nothing got lost");
}
