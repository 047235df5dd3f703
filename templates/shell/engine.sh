# The Docker engine, as a service of this host.
engine_answers() {   # engine_answers: it runs, and after at most half a minute answers
  local try
  for ((try = 0; try < 300; try++)); do
    service docker status >/dev/null 2>&1 || return 1
    docker version >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  return 1
}
engine_on() { engine_answers && is "$1" docker network inspect -f '{{index .Options "com.docker.network.bridge.name"}}' bridge; }
engine_off_or_on() { ! service docker status >/dev/null 2>&1 || engine_on "$1"; }
engine_settled() { ! service docker status >/dev/null 2>&1 || engine_answers; }
engine_lets_go() { ! service docker status >/dev/null 2>&1 || ! is true docker info -f '{{.LiveRestoreEnabled}}'; }
engine_names() {
  local name=${1//./\\.}
  grep -qsE "^[^#]*-b=$name([\"'[:space:]]|\$)" /etc/default/docker ||
    grep -qsE "\"bridge\"[[:space:]]*:[[:space:]]*\"$name\"" /etc/docker/daemon.json
}
engine_files() {   # daemon.json and default/docker: =BYTES in base64, - (no file), -- (no folder either)
  local file
  for file in /etc/docker/daemon.json /etc/default/docker; do
    if [ -e "$file" ]; then printf '=%s ' "$(base64 -w 0 <"$file")"
    elif [ -d "${file%/*}" ]; then printf -- '- '
    else printf -- '-- '; fi
  done
}
engine_revive() {   # systemd counts failed starts and soon refuses more
  systemctl reset-failed docker >/dev/null 2>&1 || :
  service docker start
}
engine_unset() {   # engine_unset BRIDGE FILES ACCEPT_RA: the files as before, or without this setting if they were edited; the engine leaves the bridge while it is there
  local was=()
  read -ra was <<<"$2"
  options_back "$1" "${was[1]}"
  settings_back "$1" "${was[0]}"
  engine_revive && engine_answers
  [ -z "$3" ] || sysctl -qw "net/ipv6/conf/$1/accept_ra=$3"
}
options_back() {
  local file=/etc/default/docker line="DOCKER_OPTS=\"-b=$1\"" new
  grep -qsF -e "$line" "$file" || return 0
  if { base64 -d <<<"${2#[=-]}"; printf '%s\n' "$line"; } 2>/dev/null | cmp -s - "$file"; then put_back "$file" "$2"; return $?; fi
  new=$(grep -vxF -e "$line" "$file" || :)
  replace "$file" <<<"$new"
}
settings_back() {
  local file=/etc/docker/daemon.json old new
  grep -qsE "\"bridge\"[[:space:]]*:[[:space:]]*\"${1//./\\.}\"" "$file" || return 0
  old=$(base64 -d <<<"${2#[=-]}" 2>/dev/null) || old=
  if jq -se 'map(del(.bridge, .bip)) | .[0] == (.[1] // {})' "$file" <(printf '%s' "$old") >/dev/null; then put_back "$file" "$2"; return $?; fi
  new=$(jq -s '(.[0] | del(.bridge, .bip)) + (.[1] // {} | with_entries(select(.key | IN("bridge", "bip"))))' "$file" <(printf '%s' "$old")) &&
    replace "$file" <<<"$new"
}
put_back() {
  case $2 in
  =*) base64 -d <<<"${2#=}" | replace "$1" ;;
  -) rm "$1" ;;
  --) rm "$1" && rmdir --ignore-fail-on-non-empty "${1%/*}" ;;
  esac
}
replace() {
  cat >"$1.new" && chmod --reference="$1" "$1.new" && chown --reference="$1" "$1.new" && mv "$1.new" "$1" && return 0
  rm -f "$1.new"
  return 1
}
made_of() {   # what `ip -batch` makes the same bridge of
  local as mac='' queue=0
  as=$(ip -o link show dev "$1" 2>/dev/null) || return 0
  [[ $as =~ link/ether\ ([0-9a-f:]+) ]] && mac=${BASH_REMATCH[1]}
  [[ $as =~ qlen\ ([0-9]+) ]] && queue=${BASH_REMATCH[1]}
  printf 'link add name %s txqueuelen %s address %s type bridge\n' "$1" "$queue" "$mac"
  ip -o addr show dev "$1" scope global | sed -nE "s/^[0-9]+: +[^ ]+ +inet6? ([^ ]+( brd [^ ]+)?) .*/addr add \1 dev $1/p"
}
remake() { ip -batch - <<<"$1"; }
only_address() {   # only_address INTERFACE ADDRESS
  local others
  others=$(ip -4 -o addr show dev "$1" 2>/dev/null | grep -vF " inet $2 ") || :
  [ -z "$others" ]
}
