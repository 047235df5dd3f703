# A run is done anew: what is its alone is taken back and made again, and what others use as well stays as it is.
# Its journal stays too, whatever comes: the run is `away` until all is there again.
anew() {   # anew [NETNS...]: these names lead to namespaces that are gone
  MODE=down
  ready
  lock
  trap '' INT TERM HUP PIPE
  [ ! -e "$JOURNAL" ] || ! grep -q ^finished "$JOURNAL" || put_aside "$@" || exit $?
  need() {   # what it stands on may be another thing now
    "${@:2}" || unmet "$@"
    quote question "${@:2}"
    note needs "$question"
  }
  main up ''
  sed '/^away$/d' "$JOURNAL" | rewrite "$JOURNAL"
}
step_aside() {   # the first half of it
  MODE=down NEEDS=''
  ready
  [ ! -e "$JOURNAL" ] || lock
  if [ -e "$JOURNAL" ]; then put_aside || return $?; else say "$nothing"; fi
}
put_aside() { (   # in a shell of its own, where to take back is this
  ended=" $* "
  hand() {   # what another run uses stays, but for the names that lead nowhere
    case $command in 'ip netns del '* | *' /var/run/netns/'*) ;; *) return 1 ;; esac
    [[ $ended == *" ${command##*[ /]} "* ]] || return 1
    is_another || back
  }
  goes_along() { [ "$parts" != - ]; }   # it goes with what it is part of, or stays with it
  keep() {
    local -a rest=()
    local each here
    for ((i = 0; i < ${#lines[@]}; i++)); do
      here=1
      [ -z "$bad" ] || { rest+=("${lines[i]}"); continue; }   # then all of it is tried once more
      case ${lines[i]} in
      undo$'\t'*)
        fields "$i"
        [ "$parts" != - ] || here=${kept[$step]:-}
        for each in ${parts//,/ }; do [ "$each" = - ] || [ -n "${kept[$each]:-}" ] || here=''; done ;;
      is$'\t'*) IFS=$'\t' read -r _ each _ <<<"${lines[i]}"; here=${kept[$each]:-} ;;
      uses$'\t'*=*) each=${lines[i]#*$'\t'}; [[ $ended != *" ${each%%=*} "* ]] || here='' ;;
      needs$'\t'* | away) here='' ;;   # what it stands on may go as well
      esac
      [ -z "$here" ] || rest+=("${lines[i]}")
    done
    printf '%s\n' "${rest[@]}" away | rewrite "$JOURNAL"
  }
  take_back
  exit "${bad:-0}"
) }
