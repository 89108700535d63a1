# How a target of kilonova is declared. `#include "base/error.h"` is found in lib/, `#include "scheduler/core/..."` in the
# source root.

include_directories(${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/lib)

# kilonova_library(NAME SOURCES file... [LIBRARIES target...])
# A static library; an INTERFACE one where there are no sources.
function(kilonova_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kilonova_library(${name}): say SOURCES or LIBRARIES before: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC ${arg_LIBRARIES})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_LIBRARIES})
  endif()
  set_property(GLOBAL APPEND PROPERTY KILONOVA_TARGETS ${name})
endfunction()

# kilonova_core_library(NAME SOURCES file... [CORES other-core...])
# The decisions and flows of a daemon. It links base, runtime, domain, ports and parts of cores, nothing else, whoever
# tries: see kilonova_check_layers.
function(kilonova_core_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;CORES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kilonova_core_library(${name}): takes SOURCES and CORES only, not: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  kilonova_library(${name} SOURCES ${arg_SOURCES}
    LIBRARIES kilonova_base kilonova_runtime kilonova_domain kilonova_ports ${arg_CORES})
  set_property(GLOBAL APPEND PROPERTY KILONOVA_CORES ${name})
endfunction()

# kilonova_executable(NAME SOURCES file... [LIBRARIES target...])
# Lands in build/bin; `ninja binaries` builds these and not the tests.
add_custom_target(binaries)
function(kilonova_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kilonova_executable(${name}): say SOURCES or LIBRARIES before: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  add_dependencies(binaries ${name})
  set_property(GLOBAL APPEND PROPERTY KILONOVA_TARGETS ${name})
endfunction()

# The label of a test that names none: its first directory below tests/ (unit, contract, sim, e2e, compat).
function(kilonova_default_label result)
  file(RELATIVE_PATH below ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  string(REGEX MATCH "^[^/.]+" label "${below}")
  if(NOT label)
    set(label unit)
  endif()
  set(${result} ${label} PARENT_SCOPE)
endfunction()

# `ninja tests-<label>` builds what the tests of a label need.
function(kilonova_label_targets labels)
  foreach(label IN LISTS labels)
    if(NOT TARGET tests-${label})
      add_custom_target(tests-${label})
    endif()
    if(ARGN)
      add_dependencies(tests-${label} ${ARGN})
    endif()
  endforeach()
endfunction()

# Half of a test's build time is optimising code that runs once. Tests that run for minutes stay as fast as the daemons:
# inline functions are linked from a test's own objects first.
function(kilonova_quick_test_build name labels)
  if("sim" IN_LIST labels OR "crash" IN_LIST labels)
    return()
  endif()
  target_compile_options(${name} PRIVATE -O0 -pthread)
  target_precompile_headers(${name} REUSE_FROM kilonova_test_pch)
endfunction()

# kilonova_test(NAME SOURCES file... [LIBRARIES target...] [LABELS label...] [TIMEOUT seconds])
# A GoogleTest program (gtest_main and gmock are linked), one ctest entry; `./dev test` counts its cases.
function(kilonova_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kilonova_test(${name}): say SOURCES or LIBRARIES before: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_LABELS)
    kilonova_default_label(arg_LABELS)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest GTest::gtest_main
    Threads::Threads)
  set_property(GLOBAL APPEND PROPERTY KILONOVA_TARGETS ${name})
  kilonova_quick_test_build(${name} "${arg_LABELS}")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS};gtest" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "KILONOVA_BIN_DIR=${CMAKE_BINARY_DIR}/bin;KILONOVA_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
  kilonova_label_targets("${arg_LABELS}" ${name})
endfunction()

# kilonova_python_test(NAME SCRIPT file.py [TARGETS target...] [LABELS label...] [TIMEOUT seconds])
# A file of Python unittest cases, run by /usr/bin/python3 (the distribution's grpcio); TARGETS are what it starts.
function(kilonova_python_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SCRIPT;TIMEOUT" "TARGETS;LABELS")
  if(NOT arg_LABELS)
    kilonova_default_label(arg_LABELS)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  cmake_path(ABSOLUTE_PATH arg_SCRIPT BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE script)
  add_test(NAME ${name} COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/runner/python_cases.py ${script}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS};python" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "KILONOVA_BIN_DIR=${CMAKE_BINARY_DIR}/bin;KILONOVA_SOURCE_DIR=${CMAKE_SOURCE_DIR};KILONOVA_BUILD_DIR=${CMAKE_BINARY_DIR}")
  kilonova_label_targets("${arg_LABELS}" ${arg_TARGETS})
endfunction()

# kilonova_fuzz_target(NAME SOURCES file... [LIBRARIES target...])
# A libFuzzer program (its one KN_FUZZ_TARGET, tests/fuzz/fuzz.h, has the same NAME), built by the preset fuzz only and run by `./dev fuzz`. Its first
# inputs are in tests/fuzz/corpus/NAME.
function(kilonova_fuzz_target name)
  if(NOT KILONOVA_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY KILONOVA_TARGETS ${name})
  target_compile_definitions(${name} PRIVATE KILONOVA_LIBFUZZER)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  if(NOT TARGET fuzz-targets)
    add_custom_target(fuzz-targets)
  endif()
  add_dependencies(fuzz-targets ${name})
endfunction()

# Headers that cost more to parse than the code that includes them: of the standard library for every library that says
# nothing else (kilonova_precompile_standard_headers), which takes two fifths off most of our files.
file(WRITE ${CMAKE_BINARY_DIR}/pch/standard.cc.new "// Only its precompiled header matters.\n")
file(COPY_FILE ${CMAKE_BINARY_DIR}/pch/standard.cc.new ${CMAKE_BINARY_DIR}/pch/standard.cc ONLY_IF_DIFFERENT)
add_library(kilonova_standard_pch STATIC EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/pch/standard.cc)
target_link_libraries(kilonova_standard_pch PUBLIC fmt::fmt Boost::headers)
target_precompile_headers(kilonova_standard_pch PRIVATE <fmt/format.h> <algorithm> <array> <coroutine> <deque> <expected>
  <functional> <list> <map> <memory> <optional> <ranges> <set> <span> <string> <string_view> <tuple> <utility> <variant>
  <vector> <boost/unordered/unordered_flat_map.hpp>)

# Called when all targets are known.
function(kilonova_precompile_standard_headers)
  get_property(targets GLOBAL PROPERTY KILONOVA_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(own ${target} PRECOMPILE_HEADERS)
    get_target_property(reused ${target} PRECOMPILE_HEADERS_REUSE_FROM)
    if(type STREQUAL "STATIC_LIBRARY" AND NOT own AND NOT reused)
      target_precompile_headers(${target} REUSE_FROM kilonova_standard_pch)
    endif()
  endforeach()
endfunction()

# A library or executable that speaks gRPC says
# target_precompile_headers(NAME REUSE_FROM kilonova_grpc_pch) after linking gRPC::grpc++ and protobuf::libprotobuf.
file(WRITE ${CMAKE_BINARY_DIR}/pch/grpc.cc.new "// Only its precompiled header matters.\n")
file(COPY_FILE ${CMAKE_BINARY_DIR}/pch/grpc.cc.new ${CMAKE_BINARY_DIR}/pch/grpc.cc ONLY_IF_DIFFERENT)
add_library(kilonova_grpc_pch STATIC EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/pch/grpc.cc)
target_link_libraries(kilonova_grpc_pch PUBLIC gRPC::grpc++ protobuf::libprotobuf Threads::Threads)
target_precompile_headers(kilonova_grpc_pch PRIVATE <grpcpp/grpcpp.h> <google/protobuf/message.h>
  <google/protobuf/generated_message_util.h> <google/protobuf/repeated_ptr_field.h>)
file(WRITE ${CMAKE_BINARY_DIR}/pch/json.cc.new "// Only its precompiled header matters.\n")
file(COPY_FILE ${CMAKE_BINARY_DIR}/pch/json.cc.new ${CMAKE_BINARY_DIR}/pch/json.cc ONLY_IF_DIFFERENT)
add_library(kilonova_json_pch STATIC EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/pch/json.cc)
target_link_libraries(kilonova_json_pch PUBLIC nlohmann_json::nlohmann_json)
target_precompile_headers(kilonova_json_pch PRIVATE <nlohmann/json.hpp>)

file(WRITE ${CMAKE_BINARY_DIR}/pch/test.cc.new "// Only its precompiled header matters.\nint main() {}\n")
file(COPY_FILE ${CMAKE_BINARY_DIR}/pch/test.cc.new ${CMAKE_BINARY_DIR}/pch/test.cc ONLY_IF_DIFFERENT)
# An executable, because tests are: -fPIE must be the same.
add_executable(kilonova_test_pch EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/pch/test.cc)
target_compile_options(kilonova_test_pch PRIVATE -O0 -pthread)
target_link_libraries(kilonova_test_pch PRIVATE Threads::Threads GTest::gmock GTest::gtest fmt::fmt Boost::headers)
target_precompile_headers(kilonova_test_pch PRIVATE <gmock/gmock.h> <gtest/gtest.h> <fmt/format.h> <deque> <expected>
  <functional> <map> <memory> <optional> <set> <string> <variant> <vector> <boost/unordered/unordered_flat_map.hpp>)

# Every library that a target of ours names is a target too: CMake would take a misspelt or forgotten one for a library of the
# system, and only the linker would miss it. Called when all targets are known.
function(kilonova_check_links)
  get_property(targets GLOBAL PROPERTY KILONOVA_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
    get_target_property(type ${target} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      get_target_property(libraries ${target} LINK_LIBRARIES)
    endif()
    foreach(library IN LISTS libraries)
      if(library AND NOT TARGET ${library})
        message(FATAL_ERROR "${target} links ${library}, but there is no target of that name.")
      endif()
    endforeach()
  endforeach()
endfunction()

# Every target reachable from NAME's link libraries, itself excluded.
function(kilonova_link_closure name result)
  set(open ${name})
  set(seen "")
  while(open)
    list(POP_FRONT open target)
    get_target_property(type ${target} TYPE)
    set(linked "")
    foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      if(type STREQUAL "INTERFACE_LIBRARY" AND property STREQUAL "LINK_LIBRARIES")
        continue()
      endif()
      get_target_property(value ${target} ${property})
      if(value)
        list(APPEND linked ${value})
      endif()
    endforeach()
    foreach(library IN LISTS linked)
      string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" library "${library}")
      if(NOT library IN_LIST seen AND NOT library MATCHES "^::@")
        list(APPEND seen ${library})
        # What a permitted library of the distribution links is its own affair.
        if(library MATCHES "^kilonova_" OR library MATCHES "_core$")
          list(APPEND open ${library})
        endif()
      endif()
    endforeach()
  endwhile()
  set(${result} "${seen}" PARENT_SCOPE)
endfunction()

function(kilonova_check_layer name)
  kilonova_link_closure(${name} linked)
  list(APPEND ARGN fmt::fmt Boost::headers Threads::Threads)
  foreach(library IN LISTS linked)
    if(NOT library IN_LIST ARGN)
      list(JOIN ARGN ", " allowed)
      message(FATAL_ERROR "Layers: ${name} may link ${allowed}; but it links ${library}, directly or through another.")
    endif()
  endforeach()
endfunction()

# Imports go one way: main -> core -> ports -> domain -> base. Called when all targets are known.
function(kilonova_check_layers)
  get_property(cores GLOBAL PROPERTY KILONOVA_CORES)
  kilonova_check_layer(kilonova_base)
  kilonova_check_layer(kilonova_runtime kilonova_base)
  kilonova_check_layer(kilonova_domain kilonova_base)
  kilonova_check_layer(kilonova_ports kilonova_domain kilonova_runtime kilonova_base)
  foreach(core IN LISTS cores)
    kilonova_check_layer(${core} kilonova_ports kilonova_domain kilonova_runtime kilonova_base ${cores})
  endforeach()
endfunction()
