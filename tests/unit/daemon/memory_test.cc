#include "daemon/memory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/scope.h"
#include "runtime/virtual_loop.h"

namespace kilonova {
namespace {

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

constexpr size_t kMiB = 1 << 20;

// Blocks of many sizes, each with its neighbour in another hand, as requests that end in any order leave a heap.
std::vector<std::unique_ptr<char[]>> blocks_of(size_t bytes) {
  std::vector<std::unique_ptr<char[]>> blocks;
  for (size_t taken = 0; taken < bytes; taken += 16'000 + taken % 999)
    blocks.push_back(std::make_unique<char[]>(16'000 + taken % 999));
  return blocks;
}

TEST(Memory, WhatAnotherThreadsBurstHasFreedGoesBack) {
  VirtualLoop loop;
  Scope scope(loop);
  scope.spawn(give_memory_back(&loop));
  loop.run_until(loop.now() + seconds(1));
  const size_t before = memory_use().resident;

  std::vector<std::unique_ptr<char[]>> kept;
  std::thread([&] {
    auto blocks = blocks_of(128 * kMiB);
    // What lives on lies between what is freed, and on top of it.
    for (size_t index = 0; index < blocks.size(); index += 500) kept.push_back(std::move(blocks[index]));
    kept.push_back(std::move(blocks.back()));
  }).join();
  ASSERT_GT(memory_use().resident, before + 100 * kMiB);

  loop.run_until(loop.now() + seconds(2));
  EXPECT_LT(memory_use().resident, before + 32 * kMiB);
}

TEST(Memory, WhatIsInUseIsNoReasonToLook) {
  EXPECT_FALSE(is_worth_giving_back({.resident = 900 * kMiB, .in_use = 890 * kMiB}, 0));
  EXPECT_TRUE(is_worth_giving_back({.resident = 900 * kMiB, .in_use = 800 * kMiB}, 0));
  // What could not be given back last time cannot be now.
  EXPECT_FALSE(is_worth_giving_back({.resident = 900 * kMiB, .in_use = 800 * kMiB}, 90 * kMiB));
  EXPECT_FALSE(is_worth_giving_back({.resident = 1, .in_use = 2}, 0));
}

void refuse_memory() {
  end_where_memory_is_refused();
  rlimit none{0, 0};
  if (::setrlimit(RLIMIT_AS, &none) != 0) std::exit(0);
}

template <class Ask>
void ask_for_ever(Ask ask) {
  for (bool has_more = true; has_more;) has_more = ask() != nullptr;
}

TEST(MemoryDeathTest, WhoIsRefusedMemoryEndsAndSaysWhy) {
  const char* words = "the system refused more memory";
  EXPECT_DEATH((refuse_memory(), ask_for_ever([] { return ::operator new(100'000); })), words);
  EXPECT_DEATH((refuse_memory(), ask_for_ever([] { return std::malloc(100'000); })), words);
  EXPECT_DEATH((refuse_memory(), ask_for_ever([] { return std::calloc(100, 1'000); })), words);
  EXPECT_DEATH((refuse_memory(), ask_for_ever([] { return std::realloc(std::malloc(10), 100'000); })), words);
}

TEST(Memory, WhatNobodyCouldHaveIsRefusedAsEver) {
  volatile size_t much = size_t{1} << 60;
  EXPECT_EQ(std::malloc(much), nullptr);
  EXPECT_EQ(std::calloc(much, 64), nullptr);
}

#endif

}  // namespace
}  // namespace kilonova
