// A library to be preloaded into daemons (LD_PRELOAD), which ends one with SIGKILL at a moment that a signal from outside
// would hardly hit: right after a commit and before anything follows from it, in the middle of a write, before or after a
// frame leaves. The daemons themselves know nothing of it.
//
// Orders stand in the file $KILONOVA_KILL_DIR/<role>-<index> ("controller-0"), mapped by the daemon when it starts: one
// 64-bit number for each Point, in its order. 0: nothing. n > 0: the n-th time from now is the last; the number then says -1.
// tests/support/kill_points.py writes them.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace {

enum Point {
  kCommitted,     // a transaction is in a database, and nobody was told
  kGuestStarted,  // the hypervisors' journal has a guest that runs, and nobody was told
  kJournaled,     // any other record of that journal
  kTorn,          // half of what was to be written to either is written
  kSending,       // a frame is about to leave
  kSent,          // a frame has just left
  kPoints,
};

struct Orders {
  std::atomic<int64_t> left[kPoints];
};
static_assert(sizeof(Orders) == sizeof(int64_t) * kPoints);

// "/build/bin/kilonova-compute ... --index 1" is "compute-1"; "" for what is no daemon.
std::string daemon_name() {
  std::ifstream in("/proc/self/cmdline", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::string_view line(text);
  std::string role, index = "0";
  std::string_view before;
  for (bool first = true; !line.empty(); first = false) {
    std::string_view word = line.substr(0, line.find('\0'));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    size_t name = word.rfind("kilonova-");
    if (first && name != std::string_view::npos) role = word.substr(name + 9);
    if (before == "--index") index = word;
    before = word;
  }
  return role.empty() ? "" : role + "-" + index;
}

Orders* map_orders() {
  const char* directory = std::getenv("KILONOVA_KILL_DIR");
  std::string name = daemon_name();
  if (directory == nullptr || name.empty()) return nullptr;
  int file = open((std::string(directory) + "/" + name).c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* mapped = mmap(nullptr, sizeof(Orders), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? nullptr : static_cast<Orders*>(mapped);
}

Orders* orders() {
  static Orders* const mapped = map_orders();
  return mapped;
}

bool armed(Point point) { return orders() != nullptr && orders()->left[point].load(std::memory_order_relaxed) > 0; }

// Whether this is the last time.
bool strikes(Point point) {
  if (!armed(point) || orders()->left[point].fetch_sub(1) != 1) return false;
  orders()->left[point] = -1;
  return true;
}

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

enum class Kind { kOther, kWal, kJournal };

Kind kind_of(int file) {
  char link[64], path[512];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path);
  std::string_view name(path, length > 0 ? static_cast<size_t>(length) : 0);
  if (name.ends_with(".sqlite-wal")) return Kind::kWal;
  return name.ends_with(".journal") ? Kind::kJournal : Kind::kOther;
}

// The file of a WAL whose next write is the last page of a transaction (https://www.sqlite.org/fileformat2.html#the_write_ahead_log:
// a frame's header of 24 bytes tells, in bytes 4 to 7, the size of the database after a commit, or 0).
thread_local int committing_file = -1;

bool ends_transaction(int file, const char* bytes, size_t size) {
  if (size == 24) {
    committing_file = std::memcmp(bytes + 4, "\0\0\0\0", 4) != 0 ? file : -1;
    return false;
  }
  return file == std::exchange(committing_file, -1);
}

using Pwrite = ssize_t (*)(int, const void*, size_t, off_t);

ssize_t watched_write(Pwrite real, int file, const void* data, size_t size, off_t offset) {
  bool any = armed(kCommitted) || armed(kGuestStarted) || armed(kJournaled) || armed(kTorn);
  Kind kind = any ? kind_of(file) : Kind::kOther;
  if (kind == Kind::kOther) return real(file, data, size, offset);
  const char* bytes = static_cast<const char*>(data);
  if (strikes(kTorn)) {
    real(file, data, size / 2, offset);
    die();
  }
  ssize_t written = real(file, data, size, offset);
  if (kind == Kind::kWal) {
    if (ends_transaction(file, bytes, size) && strikes(kCommitted)) die();
  } else {
    // The last fields of a guest: whether it is built, and which epoch it shares its addresses with.
    std::string_view record(bytes, size);
    record = record.substr(0, record.find_last_of('\t'));
    record = record.substr(0, record.find_last_of('\t'));
    const bool runs = record.ends_with("\t1");
    if (strikes(runs ? kGuestStarted : kJournaled)) die();
  }
  return written;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
  static const auto real = next<Pwrite>("pwrite");
  return watched_write(real, file, data, size, offset);
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
  static const auto real = next<Pwrite>("pwrite64");
  return watched_write(real, file, data, size, offset);
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  static const auto real = next<ssize_t (*)(int, const msghdr*, int)>("sendmsg");
  if (strikes(kSending)) die();
  ssize_t sent = real(socket, message, flags);
  if (strikes(kSent)) die();
  return sent;
}

}  // extern "C"
