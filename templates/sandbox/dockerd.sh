# shellcheck shell=bash
# A real Docker engine in a throw-away host: what init.sh does for it.  All that it writes is in the tmpfs on /run.
# init.sh's: here.  Environment: BRIDGEKIT_CGROUP, the control group of its containers.
# The groups are the machine's.

begin_engine() {
  : "${here:?the folder of this file}"
  trap end_engine EXIT
  mkdir -p /run/host/engine/config
  echo "$BRIDGEKIT_CGROUP" >/run/host/engine/cgroup
  # This engine, and no other that the user's settings may name.
  unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
  export DOCKER_CONFIG=/run/host/engine/config
  service docker start && make_image && return
  echo "bridgekit: no Docker engine in the throw-away host" >&2
  exit 3
}

# One image by the names that the documents use.
make_image() {
  "$BRIDGEKIT_PYTHON" -I -S "$here/image.py" "$(command -v busybox)" busybox ubuntu:14.04 base | docker load >/dev/null
}

# Nothing here is worth an orderly end.  What the first process kills is all others of its namespace, and only those.
end_engine() {
  local code=$?
  trap - EXIT
  exec >/dev/null 2>&1   # bash would tell how its children ended
  if [ $$ = 1 ]; then kill -KILL -1; fi
  bash "$here/control-groups.sh" "$BRIDGEKIT_CGROUP"
  exit "$code"
}
