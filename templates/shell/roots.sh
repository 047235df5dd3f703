
# What is whole is taken back at once: its rules, then its links, then its namespaces, in as few processes as can be.
is_root() {   # nothing of the line needs its own process, and it is known which thing it was
  [[ $at = -* && $command != *[\\\'\"#\$]* ]] || return 1
  case $command in
  'ip link del dev '* | 'ip netns del '*) [ -n "${is[$step]:-}" ] ;;
  *)
    [[ $command =~ ^ip6?tables\ -w\ (-t\ [a-z]+\ )?-D\  ]] || return 1
    tables
    [[ $at == *"$backend" ]] ;;
  esac
}
at_once() {   # the lines in `late`, by number; what does not go so goes line by line
  local i step parts at key question command name what restore failed='' group=7001
  local -A links=() spaces=() rules=()
  local -a ends=() names=() others=() part
  if [ ${#late[@]} -gt 3 ]; then
    links
    list_spaces
    for i in "${late[@]}"; do
      fields "$i"
      name=${command##* }
      case $command in
      'ip link '*) if [ "${links["$name"]:-}" = "${is[$step]}" ]; then ends+=("$name"); else others+=("$i"); fi ;;
      'ip netns '*) if [ "${spaces["$name"]:-}" = "${is[$step]}" ]; then names+=("$name"); else others+=("$i"); fi ;;
      *)
        what=filter
        [[ $command != *' -t '* ]] || { what=${command#* -t } && what=${what%% *}; }
        rules["${command%% *} $what"]+="-D ${command#* -D }"$'\n' ;;
      esac
    done
    {
      for what in "${!rules[@]}"; do
        while mapfile -n 200 part && [ ${#part[@]} -gt 0 ]; do   # more may not fit into a netlink message
          printf %s "*${what#* }"$'\n' "${part[@]}" COMMIT$'\n' | "${what% *}-restore" -w --noflush || exit 1
        done < <(printf %s "${rules[$what]}")   # and more than a pipe holds would be a file in /tmp
      done &   # the kernel waits for rules and for links: for both at once
      restore=$!
      if [ ${#ends[@]} -gt 0 ]; then   # one by one the kernel waits for each
        while [ -n "$(ip -o link show group "$group")" ]; do group=$((group + 1)); done
        { printf "link set dev %s group $group\n" "${ends[@]}"; echo "link del group $group"; } | ip -batch - || failed=1
      fi
      wait "$restore" || failed=1
      [ ${#names[@]} = 0 ] || printf 'netns del %s\n' "${names[@]}" | ip -batch - || failed=1
    } >&8 2>&1
    [ -n "$failed" ] || late=("${others[@]}")
  fi
  for i in "${late[@]}"; do fields "$i"; one_by_one; done
  late=()
}
list_spaces() {   # of each namespace by its name which one it is
  local each all IFS=$'\n' -
  all=$(stat -c '%i:%.9Z %n' /run/netns/* 2>&8) || :   # one of them may be gone by now
  set -f
  for each in $all; do spaces["${each##*/}"]=${each%% *}; done
}
one_by_one() { is_another || back || kept[$step]=1; }
