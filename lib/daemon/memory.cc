#include "daemon/memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>

#include "daemon/refused_memory.h"
#include "runtime/sleep.h"

namespace kilonova {
namespace {

constexpr size_t kWorthwhile = 16 << 20;    // bytes
constexpr int kShare = 100;                 // of the time, at most one part is spent on looking
constexpr size_t kStackAtHand = 256 << 10;  // bytes

size_t free_and_resident(const MemoryUse& use) { return use.resident - std::min(use.resident, use.in_use); }

// The system lengthens a stack page by page, and kills a process of which it refuses one: SIGSEGV, without a word.
[[gnu::noinline]] void take_stack() {
  volatile char stack[kStackAtHand];
  for (size_t at = 0; at < kStackAtHand; at += 4096) stack[at] = 0;
}

}  // namespace

MemoryUse memory_use() {
  MemoryUse use;
  struct mallinfo2 heap = ::mallinfo2();
  use.in_use = heap.uordblks + heap.hblkhd;
  // proc(5): size, resident, shared, ..., in pages.
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "r"), &std::fclose);
  size_t resident = 0;
  size_t shared = 0;
  if (file == nullptr || std::fscanf(file.get(), "%*u %zu %zu", &resident, &shared) != 2) return use;
  use.resident = (resident - std::min(resident, shared)) * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return use;
}

bool is_worth_giving_back(const MemoryUse& use, size_t kept) { return free_and_resident(use) > kept + kWorthwhile; }

Task<void> give_memory_back(Loop* loop) {
  size_t kept = 0;
  Duration pause = seconds(1);
  for (;;) {
    co_await sleep_for(*loop, pause);
    Instant begun = loop->now();
    const MemoryUse use = memory_use();
    pause = std::max<Duration>(seconds(1), (loop->now() - begun) * kShare);
    if (is_worth_giving_back(use, kept)) {
      ::malloc_trim(0);
      kept = free_and_resident(memory_use());
    } else {
      kept = std::min(kept, free_and_resident(use));
    }
  }
}

void end_where_memory_is_refused() {
  take_stack();
  std::set_new_handler(end_without_memory);
}

}  // namespace kilonova
