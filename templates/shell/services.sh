keeper_pids() {   # keeper_pids FOLDER: the processes that wait for the end of what its script started; one in another host may look like them
  local pid
  for pid in $(pgrep -f "^(setsid -f )?(nsenter .* )?unshare --mount .* bash ${1//./\\.}/script start\$"); do
    [ ! "/proc/$pid/root$1/script" -ef "$1/script" ] || echo "$pid"
  done
}
file_is() {   # file_is FILE TEXT: to the byte
  local text=''
  [ -f "$1" ] || return 1
  IFS= read -rd '' text <"$1" || :
  [ "$text" = "$2" ]
}
write_file() {   # write_file FOLDER NAME TEXT
  local path=$1/$2
  mkdir -p "${path%/*}" && printf %s "$3" >"$path" && return 0
  rm -f "$path"   # there was no room for all of it
  return 1
}
start_service() {   # start_service FOLDER NETNS [NAME=VALUE...] -- COMMAND...: in a PID namespace, all of which ends with its first process
  local env=()
  while [ "$3" != -- ]; do env+=("$3"); set -- "$1" "$2" "${@:4}"; done
  {
    printf '#!/bin/bash\nset -u\n'
    # shellcheck disable=SC2016
    printf 'for file in /etc/netns/%q/*; do [ ! -e "$file" ] || mount --bind "$file" "/etc/${file##*/}"; done\n' "$2"
    printf 'cd %q || exit\n' "$1"
    printf '%q ' env -- "${env[@]}" "${@:4}"
    # shellcheck disable=SC2016
    printf '\ncode=$?\necho "ended with code $code"\nexit "$code"\n'
  } >"$1/script" || return 1
  (
    cd /
    for each in "/proc/$BASHPID/fd/"*; do [ "${each##*/}" -le 2 ] || eval "exec ${each##*/}>&-"; done
    exec env -i "PATH=$PATH" LC_ALL=C.UTF-8 HOME=/root setsid -f nsenter "--net=/run/netns/$2" -- unshare --mount --propagation slave --pid --fork --kill-child bash "$1/script" start
  ) >"$1/log" 2>&1 </dev/null || { cat "$1/log"; return 1; }
}
end_service() {   # end_service FOLDER: its first process and, with it, all others
  local try
  local -a keepers kids
  for ((try = 0; try < 500; try++)); do
    mapfile -t keepers < <(keeper_pids "$1")
    [ ${#keepers[@]} -gt 0 ] || return 0
    mapfile -t kids < <(pgrep -P "$(IFS=,; echo "${keepers[*]}")")
    kill -KILL "${kids[@]}" "${keepers[@]}" 2>/dev/null || :
    while [ ${#kids[@]} -gt 0 ] && [ -e "/proc/${kids[0]}" ] && [ "$((try += 1))" -lt 500 ]; do sleep 0.01; done
  done
  return 1
}
marked() { is "$3" "$1" inspect -f '{{index .Config.Labels "bridgekit"}}' "$2"; }   # marked ENGINE GUEST MARK [OTHER]: it is that one
shares() {   # shares ENGINE GUEST MARK OTHER: it is that one, and its network, if it runs, is the other's of now
  local pid other
  marked "$@" && pid=$("$1" inspect -f '{{.State.Pid}}' "$2") || return 1
  [ "$pid" = 0 ] || { other=$("$1" inspect -f '{{.State.Pid}}' "$4") && [ "/proc/$pid/ns/net" -ef "/proc/$other/ns/net" ]; }
}
attach_netns() {   # attach_netns NETNS PID: a name that leads to a network which has ended leads to this one
  [ ! -e "/run/netns/$1" ] || ip netns del "$1" || return 1
  ip netns attach "$1" "$2"
}
