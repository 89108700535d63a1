#!/bin/sh
# Two hosts fail at the start of the guest; the third takes the server, and all daemons agree about it.
exec kilonova run --hosts 3 --timing test -- sh -euc '
  kilonova fault add --step guest_started --count 2 -q
  kilonova server create --flavor m1.tiny --image cirros --wait --timeout 60s web -q
  test "$(kilonova -f value -c attempt server show web)" = 3
  kilonova check'
