#include "runtime/file_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace kilonova {
namespace {

constexpr rlim_t kMost = 65'536;
constexpr size_t kPosixLeast = 20;  // _POSIX_OPEN_MAX: where the system does not say

}  // namespace

size_t raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return kPosixLeast;
  const rlim_t before = files.rlim_cur;
  files.rlim_cur = std::max(before, std::min(files.rlim_max, kMost));
  if (files.rlim_cur != before && ::setrlimit(RLIMIT_NOFILE, &files) != 0) files.rlim_cur = before;
  return static_cast<size_t>(std::min(files.rlim_cur, kMost));
}

}  // namespace kilonova
