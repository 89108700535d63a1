# For a test in shell: `. own_cloud.sh` starts a cloud of its own on free ports, which ends with the shell. `kilonova` and
# `openstack` find it by their variables; `reset_cloud` brings it back to what it was on its first start.

start_cloud() {
  cloud=$(kilonova up --temporary --port 0 --hosts 3 --timing test --ttl 1h --detach --json "$@") || return
  KILONOVA_STATE_DIR=$(printf '%s' "$cloud" | sed 's/.*"state_dir":"\([^"]*\)".*/\1/')
  export KILONOVA_STATE_DIR
  trap 'kilonova down -q' EXIT
  eval "$(kilonova openrc)"
}

reset_cloud() {
  kilonova reset -q
}

start_cloud
