# Writes TABLE, the C++ source with the bytes of FILES (joined by "|"), for asset.h. A file is known by its name, one of
# vendor/ by its folder and name. Its ETag is of its bytes.
string(REPLACE "|" ";" FILES "${FILES}")
set(rows "")
set(arrays "")
set(number 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  get_filename_component(folder ${file} DIRECTORY)
  get_filename_component(folder ${folder} NAME)
  if(NOT folder STREQUAL "assets")
    set(name ${folder}/${name})
  endif()
  set(type "text/plain")
  if(name MATCHES "\\.html$")
    set(type "text/html")
  elseif(name MATCHES "\\.js$")
    set(type "text/javascript")
  elseif(name MATCHES "\\.css$")
    set(type "text/css")
  elseif(name MATCHES "\\.svg$")
    set(type "image/svg+xml")
  endif()
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  file(READ ${file} bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  string(APPEND arrays "constexpr char kBytes${number}[] = \"${bytes}\";\n")
  string(APPEND rows "    {\"${name}\", \"${type}\", {kBytes${number}, ${size}}, \"\\\"${hash}\\\"\"},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${TABLE} "// Written by embed.cmake.
#include \"api-server/front/dashboard/asset.h\"

namespace kilonova::api::dashboard {
namespace {

${arrays}
constexpr Asset kAssets[] = {
${rows}};

}  // namespace

std::span<const Asset> assets() { return kAssets; }

}  // namespace kilonova::api::dashboard
")
