#include "daemon/refused_memory.h"

#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <string_view>

namespace kilonova {

void end_without_memory() {
  static constexpr std::string_view kWords = "kilonova: the system refused more memory\n";
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, kWords.data(), kWords.size());
  std::abort();
}

}  // namespace kilonova

// A sanitizer has an allocator of its own, which ends by itself.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

extern "C" {

void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* block, size_t bytes);

// Above this, a null pointer says that nobody could have so much: what asks for it has an answer to that.
static constexpr size_t kImpossible = size_t{1} << 40;

void* malloc(size_t bytes) {
  void* block = __libc_malloc(bytes);
  if (block == nullptr && bytes < kImpossible) kilonova::end_without_memory();
  return block;
}

void* calloc(size_t count, size_t bytes) {
  void* block = __libc_calloc(count, bytes);
  if (block == nullptr && (bytes == 0 || count < kImpossible / bytes)) kilonova::end_without_memory();
  return block;
}

void* realloc(void* block, size_t bytes) {
  void* other = __libc_realloc(block, bytes);
  // Of no bytes it has freed the block.
  if (other == nullptr && bytes != 0 && bytes < kImpossible) kilonova::end_without_memory();
  return other;
}

}  // extern "C"

#endif
