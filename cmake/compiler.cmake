# The compiler, its flags for every target, the linker, the compiler cache and the sanitizers.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "kilonova needs clang++ 19 or later, not ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} "
    "(${CMAKE_CXX_COMPILER}). On Debian 12: apt-get install clang-19 lld-19, then configure with "
    "-DCMAKE_CXX_COMPILER=clang++-19, or run ./dev build, which does both.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Designated initializers leave members to their defaults on purpose.
add_compile_options(-Wall -Wextra -Werror -Wnon-virtual-dtor -Wimplicit-fallthrough -Wno-missing-field-initializers)
# For all, and not only for those that link a library that asks for it: a precompiled header must have the same flags.
add_compile_options(-pthread)
if(CMAKE_COLOR_DIAGNOSTICS OR DEFINED ENV{CLICOLOR_FORCE})
  add_compile_options(-fcolor-diagnostics)
endif()

find_program(KILONOVA_LLD NAMES ld.lld-19 ld.lld)
if(KILONOVA_LLD)
  add_link_options(--ld-path=${KILONOVA_LLD})
endif()

# "address,undefined" or "thread"; the presets asan and tsan set it.
set(KILONOVA_SANITIZE "" CACHE STRING "Sanitizers for every target, as for -fsanitize=")
if(KILONOVA_SANITIZE)
  add_compile_options(-fsanitize=${KILONOVA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KILONOVA_SANITIZE})
endif()
option(KILONOVA_FUZZ "Build the fuzz targets, and everything with libFuzzer's coverage" OFF)
if(KILONOVA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
option(KILONOVA_COVERAGE "Count executed regions (llvm-cov)" OFF)
if(KILONOVA_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

# ccache: precompiled headers need the sloppiness, a base directory lets several clones share their results.
find_program(KILONOVA_CCACHE ccache)
if(KILONOVA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/cmake/cached_compile.sh ${KILONOVA_CCACHE} ${CMAKE_SOURCE_DIR})
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()
