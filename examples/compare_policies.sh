#!/bin/sh
# Which policy needs fewer hosts for the same requests, and what does it refuse? Each gets a cloud of its own and the
# requests one after the other, so that the answer is the same every time.
#   compare_policies.sh [REQUESTS]
set -eu
requests=${1:-$(dirname "$0")/requests.csv}

compare() {
  policy=$1
  shift
  kilonova run --hosts 10 --timing instant --cpu-allocation-ratio 1 --ram-allocation-ratio 1 "$@" -- sh -euc '
    launched=$(kilonova -f json replay --requests "$1" --speed sequential --ignore-departures |
      sed -n "s/^ *\"launched\": \([0-9]*\).*/\1/p")
    hosts=$(kilonova -f value -c servers host list | grep -vc "^0$")
    printf "%-8s %4s launched on %2s hosts\n" "$2" "$launched" "$hosts"' sh "$requests" "$policy"
}

compare spread
compare pack --cpu-weight-multiplier -1 --ram-weight-multiplier -1 --disk-weight-multiplier -1
compare simple --driver simple --max-cores 64
