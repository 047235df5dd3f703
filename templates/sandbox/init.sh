#!/usr/bin/env bash
# The first process of a throw-away host: it lays out the network that root.py made, then runs the command it was given.
#   init.sh COMMAND...
# Environment: BRIDGEKIT_GUESTS (guests to start), BRIDGEKIT_IDS (ids of the containers to come),
# BRIDGEKIT_PYTHON (the interpreter that serves HTTP in `outside`), BRIDGEKIT_COMMAND (what `bridgekit` is, as a shell
# reads it), BRIDGEKIT_CGROUP (there is a real Docker engine, with its containers in this control group).
set -euo pipefail
export PATH="/run/host/bin:$PATH:/usr/sbin:/sbin" BRIDGEKIT_SANDBOX=1 PS1='throw-away \w # '
here=$(dirname "$(readlink -f "$0")")

# What an engine's settings name are the machine's; and its podman is one that was used already, so it is asked.
unset CONTAINERS_CONF CONTAINERS_STORAGE_CONF CONTAINER_HOST CONTAINER_CONNECTION
mkdir -p /run/{netns,lock,libpod} /run/host/{bin,containers/{docker,podman}}
: >/run/libpod/alive
hostname throw-away

# The world outside: one host that answers ping, TCP and HTTP, and knows no route back to private addresses.
ip netns add outside
exec {outside}< <(nsenter --net=/run/netns/outside "$BRIDGEKIT_PYTHON" -I -S "$here/outside.py" </dev/null 2>/dev/null)

# The host's side: lo, and an uplink em1 with the host's default route.  IPv6 only where the kernel has it.
sysctl -qw net.ipv4.ip_forward=0
ip -batch - <<'HOST'
link set lo up
link add em1 type veth peer name eth0 netns outside
addr add 203.0.113.1/24 dev em1
link set em1 up
HOST
ip -n outside -batch - <<'OUTSIDE'
link set lo up
addr add 203.0.113.2/24 dev eth0
link set eth0 up
OUTSIDE
ip route add default via 203.0.113.2
if ip addr add 2001:db8:113::1/64 dev em1 nodad 2>/dev/null; then
  ip -n outside addr add 2001:db8:113::2/64 dev eth0 nodad
  ip -6 route add default via 2001:db8:113::2
fi

# Its resolver, if the program is there: it knows www.example.test and asks nobody.  To change its group it has no right
# in a user namespace, and what it would say to the system's log is not for the machine.
if command -v dnsmasq >/dev/null; then
  nsenter --net=/run/netns/outside dnsmasq --conf-file=/dev/null --pid-file= --user=root --group= --no-resolv --no-hosts \
    --log-facility=/run/host/dnsmasq.log --bind-interfaces --listen-address=203.0.113.2 \
    --domain=example.test --local=/example.test/ --host-record=www.example.test,203.0.113.2 </dev/null >/dev/null 2>&1 &
  resolver=$!
fi

# Its own name, and where it asks for others: what the machine asks is not reached from here, and would be waited for.
# They are mounted, since an ordinary user cannot write root's files, not even in an overlay.
own() {   # own FILE <TEXT
  local file
  file=$(readlink -m "$1")
  mkdir -p "${file%/*}" 2>/dev/null || :
  case $file in
  /run/*) cat >"$file" ;;
  *) cat >"/run/host/${1##*/}"; [ ! -e "$file" ] || mount --bind "/run/host/${1##*/}" "$file" ;;
  esac
}
printf '127.0.0.1\tlocalhost\n127.0.1.1\tthrow-away\n' | own /etc/hosts
# An engine leaves out what listens on the host's localhost alone; else nobody answers until `bridgekit dns` names one.
resolver_of_host=127.0.0.1
[ -z "${BRIDGEKIT_CGROUP:-}" ] || resolver_of_host=203.0.113.2
printf 'nameserver %s\n' "$resolver_of_host" | own /etc/resolv.conf

# /etc is an overlay, and these files of the engine begin empty.
for file in /etc/docker/daemon.json /etc/default/docker; do [ ! -e "$file" ] || rm "$file"; done
printf '# DOCKER_OPTS="..." is for dockerd, when the service docker starts.\n' >/etc/default/docker

# The programs that this host has before the machine's.
install -m 644 "$here/outside.py" /run/host/httpd.py   # what its image httpd runs
install -m 755 "$here/engine.sh" /run/host/bin/podman
if [ -n "${BRIDGEKIT_CGROUP:-}" ]; then
  install -m 755 "$here/service.sh" /run/host/bin/service
else
  install -m 755 "$here/engine.sh" /run/host/bin/docker
  install -m 755 "$here/service-stand-in.sh" /run/host/bin/service
fi
cat >/run/host/bin/bridgekit <<COMMAND
#!/bin/sh
exec $BRIDGEKIT_COMMAND "\$@"
COMMAND
# Root needs no leave of the machine's.
cat >/run/host/bin/sudo <<'COMMAND'
#!/bin/bash
while [[ ${1:-} == -* ]]; do
  case $1 in
  --) shift; break ;;
  -[EHPSbn] | --preserve-env*) shift ;;
  *) echo "sudo: the throw-away host's sudo does not know $1: root is root here" >&2; exit 1 ;;
  esac
done
exec env -- "$@"
COMMAND
# It has a neighbour to import, and must not leave compiled files beside it.
cat >/run/host/bin/vm <<COMMAND
#!/bin/sh
exec "\$BRIDGEKIT_PYTHON" -E -s -S -B ${here@Q}/vm.py "\$@"
COMMAND
chmod 755 /run/host/bin/{bridgekit,sudo,vm}
read -ra ids <<<"${BRIDGEKIT_IDS:-}"
printf '%s\n' "${ids[@]}" >/run/host/ids

if [ -n "${BRIDGEKIT_CGROUP:-}" ]; then
  # shellcheck source=/dev/null
  . "$here/dockerd.sh"
  begin_engine
fi
for guest in ${BRIDGEKIT_GUESTS:-}; do
  IFS=, read -r guest network <<<"$guest"
  case $guest,$network in
  netns:*,host) ip netns attach "${guest#*:}" 1 ;;
  netns:*,container:*) ip netns attach "${guest#*:}" "$(docker inspect -f '{{.State.Pid}}' "${network#*:}")" ;;
  netns:*) ip netns add "${guest#*:}" ;;
  lab:*) bridgekit lab up "${guest#*:}" </dev/null >/dev/null ;;
  *) network=${network/#container:${guest%%:*}:/container:}
    "${guest%%:*}" run -d --net="${network:-none}" --name "${guest#*:}" busybox sleep infinity >/dev/null ;;
  esac
done
read -r _ <&"$outside" || { echo "bridgekit: nothing answers outside the throw-away host" >&2; exit 3; }
exec {outside}<&-
[ -z "${resolver:-}" ] || wait "$resolver" || echo "bridgekit: dnsmasq does not start" >&2

# As the first process this shell must outlive a signal meant for the command, which gets it as well.
trap : INT TERM HUP
code=0
no_program="bridgekit: no such program in the throw-away host: $1"
[[ ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} != zh* ]] || no_program="bridgekit: 用完即弃的主机里没有这个程序：$1"
command -v -- "$1" >/dev/null || { echo "$no_program" >&2; exit 127; }
"$@" || code=$?
exit "$code"
