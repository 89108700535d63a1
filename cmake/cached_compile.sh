#!/bin/sh
# cached_compile.sh CCACHE SOURCE_DIR COMPILER ARGUMENT...: compiles through ccache, in the build directory, so that all
# clones of this project share what each has compiled.
#
# A precompiled header has its own path in it, and is of use in no other clone. So each clone makes its own, and beside
# it a sum of what it was made of, which ccache looks at instead of the header: that is alike. The sum is written first,
# since users of the header wait for the header.
set -e
ccache=$1
# Precompiled headers need the sloppiness.
export CCACHE_BASEDIR="$2" CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
shift 2

made=
for argument; do
  shift
  case $argument in
    -emit-pch) made=unknown ;;
    *.pch) [ -z "$made" ] || made=$argument ;;
    # ccache makes no path relative that stands behind -Xclang.
    "$PWD"/*/cmake_pch.hxx) argument=${argument#"$PWD"/} ;;
  esac
  set -- "$@" "$argument"
done
[ -n "$made" ] || exec "$ccache" "$@"

# what_it_comes_to COMPILER ARGUMENT...: the same command, but it prints its input with all that it includes.
what_it_comes_to() {
  left=$#
  while [ "$left" -gt 0 ]; do
    argument=$1
    shift
    left=$((left - 1))
    case "$argument $1" in
      -MD\ * | -c\ *) ;;
      -o\ * | -MT\ * | -MF\ * | "-Xclang -emit-pch")
        shift
        left=$((left - 1))
        ;;
      *) set -- "$@" "$argument" ;;
    esac
  done
  "$1" --version
  "$@" -E -P -dD
}
what_it_comes_to "$@" >"$made.text"
sha256sum <"$made.text" >"$made.sum"
rm "$made.text"
exec "$@"
