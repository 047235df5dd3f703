# A guest's DHCP client: what it is told goes by a script of ours to the guest, and to nobody else.
dhcp_client() {   # dhcp_client CLIENT...: the first of these that this host has; udhcpc may be a part of busybox
  local each
  for each in "$@"; do
    if command -v "$each" >/dev/null || { [ "$each" = udhcpc ] && in_busybox udhcpc; }; then echo "$each"; return 0; fi
  done
}
in_busybox() { [[ $'\n'$(busybox --list 2>/dev/null)$'\n' == *$'\n'"$1"$'\n'* ]]; }
lease_free() { lacks keeper_pids "$1" || is "$2" cat "$1/client"; }   # lease_free FOLDER CLIENT: no client is at work there, or that one
make_lease() { mkdir -m 700 "$1"; }   # make_lease FOLDER: root's alone
clear_lease() {   # clear_lease FOLDER NETNS: what a client that did not end well left in the guest; its files
  local other
  if [ "$(cat "$1/netns" 2>/dev/null)" = "$(stat -L -c %i "/run/netns/$2" 2>/dev/null)" ]; then nsenter --net="/run/netns/$2" bash "$1/script" clear
  elif [ -e "$1/script" ]; then bash "$1/script" forget; fi
  if [ -e "$1/made" ]; then   # the folder where every dhcpcd looks for its own: the last one takes it away
    for other in /run/bridgekit-dhcp.*/run; do [ "$other" = "$1/run" ] || [ ! -d "$other" ] || break; other=''; done
    if [ -n "$other" ]; then : >"${other%run}made"; else rmdir --ignore-fail-on-non-empty /run/dhcpcd 2>/dev/null; fi
  fi
  rm -r "$1"
}
pid_of() { [ "/proc/$1/ns/pid" -ef "/proc/$$/ns/pid" ] || echo "--pid=/proc/$1/ns/pid"; }   # pid_of PID: `nsenter` into its PID namespace, if it has one
take_lease() {   # take_lease FOLDER CLIENT NETNS INTERFACE SECONDS PID HOSTNAME RESOLV_CONF [OPTION...]: with a process of the guest's it ends with that
  local end=$((SECONDS + $5)) into=() unseen=0
  [ -z "$6" ] || read -ra into <<<"$(pid_of "$6")"
  rm -f "$1/bound" "$1/refused"
  echo "$2" >"$1/client"
  stat -L -c %i "/run/netns/$3" >"$1/netns"
  write_client "$1" "$2" "$4" "$7" "$8" "${@:9}" || return 1
  (
    cd /
    for each in "/proc/$BASHPID/fd/"*; do [ "${each##*/}" -le 2 ] || eval "exec ${each##*/}>&-"; done
    exec env -i "PATH=$PATH" LC_ALL=C setsid -f nsenter "--net=/run/netns/$3" "${into[@]}" -- unshare --mount --propagation slave --fork bash "$1/script" start
  ) >"$1/log" 2>&1 </dev/null || { cat "$1/log"; return 1; }
  ! declare -F may_take >/dev/null || may_take "$(($5 + 10))"
  until [ -e "$1/bound" ]; do
    if [ "$SECONDS" -ge "$end" ]; then
      if [ -e "$1/refused" ]; then echo "${bad_lease:-a DHCP server offered what no host can have}: $(cat "$1/refused") ($4, $5 s)"
      else echo "${no_lease:-no DHCP server answered} ($4, $5 s)"; fi
      break
    fi
    if [ -n "$(keeper_pids "$1")" ]; then unseen=0; else unseen=$((unseen + 1)); fi
    if [ "$unseen" = 10 ]; then echo "$2 ${ended_early:-ended without a lease}"; break; fi   # one that is just starting another program has no words
    sleep 0.05
  done
  [ -e "$1/bound" ] || { tail -n 5 "$1/log"; return 1; }
}
end_lease() {   # end_lease FOLDER: the client gives its lease back, and ends
  local try into
  local -a waiting kids
  for ((try = 0; try < 300; try++)); do
    mapfile -t waiting < <(keeper_pids "$1")
    [ ${#waiting[@]} -gt 0 ] || return 0
    mapfile -t kids < <(pgrep -P "$(IFS=,; echo "${waiting[*]}")" | grep -vxF -f <(printf '%s\n' "${waiting[@]}"))
    case $try-${#kids[@]} in
    0-[1-9]*)
      read -ra into <<<"$(pid_of "${kids[0]}")"
      [ "$(cat "$1/client")" != dhclient ] || timeout 5 nsenter --target "${kids[0]}" --net --mount "${into[@]}" -- bash "$1/script" release
      kill -TERM "${kids[@]}" ;;
    100-[1-9]*) kill -TERM "${kids[@]}" ;;
    200-*) kill -KILL "${kids[@]}" "${waiting[@]}" ;;
    *9-0) kill -TERM "${waiting[@]}" ;;   # it is not there yet
    esac >/dev/null 2>&1 || :
    sleep 0.02
  done
  return 1
}
write_client() {   # write_client FOLDER CLIENT INTERFACE HOSTNAME RESOLV_CONF [OPTION...]: its script, and what it is told to ask for
  local options=("${@:6}")
  {
    printf '#!/bin/bash\nset -uf\nfolder=%q client=%q link=%q hostname=%q resolv=%q\n' "${@:1:5}"
    declare -p options
    declare -f put with_lines set_lines others put_lines_back drop_address start_client release_client new_lease old_lease usable \
      ipv4_of routes_told set_routes tell_names forget_names name_lines on_lease in_busybox
    # shellcheck disable=SC2016
    echo 'on_lease "${1:-${reason:-}}"'
  } >"$1/script" || return 1
  chmod 700 "$1/script"
  case $2 in
  dhclient)
    printf '%s;\n' 'option classless-routes code 121 = array of unsigned integer 8' \
      'request subnet-mask, routers, domain-name, domain-name-servers, domain-search, classless-routes' \
      'initial-interval 1' 'backoff-cutoff 2' 'retry 1' 'timeout 60' ${4:+"send host-name \"$4\""} ;;
  dhcpcd)
    printf '%s\n' nodev noarp noipv4ll release nodelay 'timeout 0' 'option domain_name_servers, domain_name, domain_search, classless_static_routes'
    mkdir -p "$1/run" "$1/lib"
    [ -d /run/dhcpcd ] || { : >"$1/made" && mkdir /run/dhcpcd; } ;;
  esac >"$1/conf"
}
# The client's script: it is started by `start`, and then starts it for each thing that happens.
start_client() {   # in a mount namespace of its own, where its files are in the places that it looks for them
  local asked=() program=(udhcpc)
  [ -x "${folder:?}/script" ] || { mount --bind "$folder" "$folder" && mount -o remount,bind,exec "$folder"; } || return 1
  case ${client:?} in
  dhclient)   # a security profile for its usual path would forbid it these files
    : >"$folder/dhclient" && mount --bind "$(command -v dhclient)" "$folder/dhclient" || return 1
    exec "$folder/dhclient" -4 -d -cf "$folder/conf" -lf "$folder/leases" -pf "$folder/pid" -sf "$folder/script" "${options[@]}" "${link:?}" ;;
  udhcpc)
    command -v udhcpc >/dev/null || program=(busybox udhcpc)
    [ -z "$hostname" ] || asked=(-x "hostname:$hostname")
    exec "${program[@]}" -f -R -i "$link" -s "$folder/script" -p "$folder/pid" -T 1 -A 1 -O search -O staticroutes "${asked[@]}" "${options[@]}" ;;
  dhcpcd)
    mount --bind "$folder/run" /run/dhcpcd && mount --bind "$folder/lib" /var/lib/dhcpcd || return 1
    [ -z "$hostname" ] || asked=(-h "$hostname")
    exec dhcpcd -4 -B -f "$folder/conf" -c "$folder/script" "${asked[@]}" "${options[@]}" "$link" ;;
  esac
}
release_client() { exec "$folder/dhclient" -4 -r -cf "$folder/conf" -lf "$folder/leases" -pf "$folder/pid" -sf "$folder/script" "$link"; }
on_lease() {   # on_lease EVENT: in the words of any of the three
  case $1 in
  start) start_client ;;
  release) release_client ;;
  BOUND | RENEW | REBIND | REBOOT | bound | renew) new_lease ;;
  EXPIRE | FAIL | RELEASE | STOP | deconfig | clear) old_lease "$1" ;;
  forget) forget_names ;;
  PREINIT) [ "$client" = dhcpcd ] || ip link set dev "$link" up ;;
  TIMEOUT) return 1 ;;   # no server answered, and an old lease is not trusted
  esac
}
new_lease() {   # what a server says is checked: it may be anyone's
  local address=${ip:-${new_ip_address:-}} mask=${subnet:-${new_subnet_mask:-255.255.255.255}} seconds=${lease:-${new_dhcp_lease_time:-}} before=''
  address=$(ipv4_of "$address") mask=$(ipv4_of "$mask")
  if ! { [[ $seconds =~ ^[0-9]+$ ]] && usable "$address" "$mask"; }; then echo "$address $mask" >"$folder/refused"; return 1; fi
  if [ "$client" != dhcpcd ]; then
    [ ! -e "$folder/bound" ] || before=$(cat "$folder/bound")
    [[ -z $before || $before == "$address"/* ]] || old_lease clear
    case $mask in 255.255.255.25[45]) ;; *) mask+=' brd +' ;; esac
    # shellcheck disable=SC2086  # words
    ip -4 addr replace "$address"/$mask dev "$link" valid_lft "$seconds" preferred_lft "$seconds" || return 1
    set_routes "$(routes_told)"
  fi
  [ -z "$resolv" ] || tell_names
  ip -4 -o addr show dev "$link" to "$address" | sed -n '1s/.* inet \([^ ]*\) .*/\1/p' >"$folder/new" && mv "$folder/new" "$folder/bound"
}
old_lease() {   # old_lease EVENT
  if [ "$client" != dhcpcd ] || [ "$1" = clear ]; then
    ip -4 route flush dev "$link" proto dhcp
    [ ! -e "$folder/bound" ] || ! ip -4 -o addr show dev "$link" | grep -qF " inet $(cat "$folder/bound") " ||
      drop_address "$(cat "$folder/bound")" "$link"
  fi
  forget_names
  rm -f "$folder/bound" "$folder/routes"
}
usable() {   # usable ADDRESS MASK: one that a host can have, in a subnet of /8 or narrower
  local a b c d rest
  IFS=. read -r a b c d <<<"$1"
  [[ $a$b$c$d =~ ^[0-9]{4,12}$ ]] && ((10#$a > 0 && 10#$a != 127 && 10#$a < 224 && 10#$b < 256 && 10#$c < 256 && 10#$d < 256)) || return 1
  IFS=. read -r a b c d <<<"$2"
  [[ $a$b$c$d =~ ^[0-9]{4,12}$ ]] || return 1
  rest=$((0xffffffff ^ (10#$a << 24 | 10#$b << 16 | 10#$c << 8 | 10#$d)))
  ((rest >= 0 && rest < 1 << 24 && (rest & rest + 1) == 0))
}
ipv4_of() { local each; for each in $1; do [[ ! $each =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || echo "$each"; done; }   # those of the words that are addresses
routes_told() {   # a line each: destination, gateway; where there are such, the one of the gateway does not count
  local -a all gateway each
  local at=0 length size
  read -ra all <<<"${staticroutes:-${new_classless_routes:-}}"
  if [ ${#all[@]} = 0 ]; then
    read -ra gateway <<<"${router:-${new_routers:-}}"
    ! usable "${gateway[0]:-}" 255.255.255.255 || all=(0.0.0.0/0 "${gateway[0]}")
  fi
  while [ $((at + 1)) -lt ${#all[@]} ]; do
    if [[ ${all[at]} == */* ]]; then each=("${all[@]:at:2}") at=$((at + 2))   # as udhcpc says it; dhclient gives the length and the bytes
    else
      length=${all[at]//[!0-9]/} size=$(((length + 7) / 8))
      each=("${all[@]:at + 1:size}" 0 0 0 0)
      each=("$(IFS=.; echo "${each[*]:0:4}")/$length" "$(IFS=.; echo "${all[*]:at + 1 + size:4}")")
      at=$((at + size + 5))
    fi
    [[ ! ${each[0]} =~ ^[0-9.]+/[0-9]+$ || ! ${each[1]} =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || echo "${each[*]}"
  done
}
set_routes() {   # set_routes LINES: a default route that the guest has from elsewhere stays
  local to via how
  [ "$1" != "$(cat "$folder/routes" 2>/dev/null)" ] || return 0
  ip -4 route flush dev "$link" proto dhcp
  while read -r to via; do
    how=(via "$via")
    [ "$via" != 0.0.0.0 ] || how=(scope link)
    [ -z "$via" ] || ip -4 route add "$to" "${how[@]}" dev "$link" proto dhcp ||
      { [ "${how[0]}" = via ] && ip -4 route add "$via" dev "$link" scope link proto dhcp && ip -4 route add "$to" via "$via" dev "$link" proto dhcp; }
  done <<<"$1"
  printf '%s\n' "$1" >"$folder/routes"
}
name_lines() { grep -aE '^(nameserver|search|domain)[[:space:]]' "$1"; }
tell_names() {   # whom the guest asks for names, and in which domains: in its own file, never in the host's
  local servers='' domains each all=()
  [ -f "$resolv" ] || return 0
  for each in $(ipv4_of "${dns:-${new_domain_name_servers:-}}"); do ! usable "$each" 255.255.255.255 || servers+=" $each"; done
  [ -n "$servers" ] || return 0
  domains=${search:-${new_domain_search:-${domain:-${new_domain_name:-}}}}
  [ "$client" != udhcpc ] || [ "$domains" != bad ] || domains=''   # so it calls what is no name
  for each in $domains; do [[ ! $each =~ ^[A-Za-z0-9._-]+$ ]] || all+=("${each%.}"); done
  if [ ! -e "$folder/names" ]; then echo "$resolv" >"$folder/resolv" && base64 -w 0 "$resolv" >"$folder/was"; fi
  # shellcheck disable=SC2086  # words
  set_lines "$resolv" nameserver "$(printf 'nameserver %s\n' $servers)" && set_lines "$resolv" 'search|domain' ${all[@]+"search ${all[*]}"}
  name_lines "$resolv" >"$folder/names"
}
forget_names() {   # the lines as they were; where another client wrote since, that one gives these back
  local each
  [ -e "$folder/names" ] || return 0
  if [ -f "$resolv" ] && [ "$(name_lines "$resolv")" = "$(cat "$folder/names")" ]; then
    put_lines_back "$resolv" 'nameserver|search|domain' "$(cat "$folder/was")"
  else
    set +f
    for each in /run/bridgekit-dhcp.*; do
      if [ "$(cat "$each/resolv" 2>/dev/null)" = "$resolv" ] && [ "$(base64 -d "$each/was" | grep -aE '^(nameserver|search|domain)[[:space:]]')" = "$(cat "$folder/names")" ]; then
        cp "$folder/was" "$each/was"
      fi
    done
  fi
  rm "$folder/names"
}
