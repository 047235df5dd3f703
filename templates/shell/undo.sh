# Undo: the newest first.  What another run uses is handed to it; what another run needs is not taken from under it.
take_back() {   # take_back [N]: what stands after the journal's first N lines
  local -a lines late=()
  local -A is=() heirs=() handed=() needers=() kept=()
  local i kind step from=${1:-1} remains=''
  trap '' INT TERM HUP PIPE
  inodes=()
  mapfile -t lines <"$JOURNAL"
  recollect
  other_runs
  if [ "$MODE" = down ] && [ ${#needers[@]} -gt 0 ]; then refuse "$stand_on ${!needers[*]}"; fi
  for ((i = ${#lines[@]} - 1; i >= from; i--)); do
    fields "$i" || continue
    if [ -n "${heirs[$i]:-}" ]; then hand "${heirs[$i]}" || kept[$step]=1 remains=1
    elif goes_along; then continue
    elif [ -n "$dry" ]; then if still "$question"; then say "$command"; fi
    elif is_root; then late+=("$i")
    else at_once; fields "$i"; one_by_one; fi
  done
  at_once
  [ -n "$dry" ] || keep
}
fields() {   # `read` would take a line byte by byte
  local name line=${lines[$1]}
  kind=${line%%$'\t'*}
  [ "$kind" = undo ] || return 1
  for name in step parts at key question; do
    line=${line#*$'\t'}
    printf -v "$name" %s "${line%%$'\t'*}"
  done
  command=${line#*$'\t'}
}
recollect() {   # which things they were, and the words that undo them
  local line name value names
  for line in "${lines[@]:from}"; do
    case $line in is$'\t'* | words$'\t'*) ;; *) continue ;; esac
    IFS=$'\t' read -r kind name value <<<"$line"
    case $kind in
    is) is["$name"]=$value ;;
    words) eval "$(base64 -d <<<"$value")"; IFS=, read -ra names <<<"$name"; export -f "${names[@]}" ;;
    esac
  done
}
other_runs() {   # heirs: by line, the journal that takes it over; needers: the names of runs that stand on one
  local i file line what ours
  local -A at_line=() first=() need=()
  local -a patterns=() others=()
  order_of "$JOURNAL"
  ours=$order
  for ((i = from; i < ${#lines[@]}; i++)); do
    fields "$i" || continue
    patterns+=("$question") at_line["$at $question"]=$i at_line["$question"]=$i
    [ "$key" = - ] || patterns+=("$key") at_line["$at $key"]=$i
  done
  for file in "$STATE"/*; do [ "$file" = "$JOURNAL" ] || others+=("$file"); done
  [ ${#patterns[@]} -gt 0 ] && [ ${#others[@]} -gt 0 ] || return 0
  while IFS= read -r -d '' file && IFS= read -r line; do
    IFS=$'\t' read -r what step parts at key question _ <<<"$line"
    order_of "$file"
    i=''
    case $what in
    needs) i=${at_line["$step"]:-}; [ -z "$i" ] || need[$i]+=" ${file##*/}"; continue ;;
    uses) i=${at_line["$step $parts"]:-} ;;
    undo)
      [ "$key" = - ] || [ "$order" -lt "$ours" ] || i=${at_line["$at $key"]:-}
      [[ $step != "$NAME".* ]] || i=${at_line["$at $question"]:-} ;;
    esac
    if [ -n "$i" ] && [ "$order" -lt "${first[$i]:-$((order + 1))}" ]; then first[$i]=$order heirs[$i]=$file; fi
  done < <(grep -sHZF -f <(printf '%s\n' "${patterns[@]}") -- "${others[@]}")
  for i in "${!heirs[@]}"; do fields "$i"; handed[$step]=1; done
  for i in "${!need[@]}"; do [ -n "${heirs[$i]:-}" ] || for what in ${need[$i]}; do needers[$what]=1; done; done
}
goes_along() {   # it is part of something that goes
  local each
  for each in ${parts//,/ }; do [ "$each" = - ] || [ -n "${handed[$each]:-}" ] || return 0; done
  return 1
}
is_another() {   # its name leads to something that this run did not make
  local now name=${command##* }
  if [ "$at" != - ] && now=$(stat -L -c %i "/run/netns/${at%=*}" 2>&8) && [ "$now" != "${at#*=}" ]; then return 0; fi
  [ -n "${is[$step]:-}" ] || return 1
  case $command in
  'ip link del dev '*) now=$(ip -o link show dev "$name" 2>&8) && now=${now%%:*} || return 1 ;;
  'ip netns del '*) now=$(stat -L -c %i:%Z "/run/netns/$name" 2>&8) || return 1 ;;
  *) return 1 ;;
  esac
  [ "$now" != "${is[$step]}" ]
}
back() {   # do what the line says, if there is something to take back; 1 if that could not be done
  local answer=0
  said=''
  still "$question" || answer=$?
  [ "$answer" != 1 ] || return 0
  if [ "$answer" = 0 ]; then
    if said=$(eval "$command" 2>&1 </dev/null); then return 0; fi
    still "$question" || [ $? = 2 ] || return 0
  fi
  { say "$not_undone: $command"; [ -z "$said$why" ] || say "  ${said:-$why}"; } >&2
  bad=1
  return 1
}
hand() {   # hand JOURNAL: the line is another run's from now on; or, if that set the same value later, the value before both
  local used=$'uses\t'"$at"$'\t'"$question" line
  say "$handed_to ${1##*/}: $command"
  [ -z "$dry" ] || return 0
  {
    head -n 1 "$1"
    grep '^words' "$JOURNAL" | grep -vxFf "$1" || :
    if grep -qxF -e "$used" "$1"; then
      [ -z "${is[$step]:-}" ] || printf 'is\t%s\t%s\n' "$NAME.$step" "${is[$step]}"
      printf 'undo\t%s\t-\t%s\t%s\t%s\t%s\n' "$NAME.$step" "$at" "$key" "$question" "$command"
      tail -n +2 "$1" | grep -vxF -e "$used"
    else
      tail -n +2 "$1" | while IFS= read -r line; do
        [ "$key" = - ] || [[ $line != undo*$'\t'"$at"$'\t'"$key"$'\t'* ]] || line=${line%$'\t'*}$'\t'$command
        printf '%s\n' "$line"
      done
    fi
  } | rewrite "$1"
}
keep() {   # the journal keeps what could not be taken back, and goes if nothing remains
  local -a rest=("${lines[@]:0:from}")
  local each
  if [ "$from" = 1 ] && [ -z "$remains$whole" ]; then rm "$JOURNAL"; rmdir "$STATE" 2>&8 || :; return 0; fi
  for ((i = from; i < ${#lines[@]}; i++)); do
    case ${lines[i]%%$'\t'*} in is | words | finished) rest+=("${lines[i]}") ;; esac
    fields "$i" || continue
    for each in "$step" ${parts//,/ }; do
      if [ -n "${kept[$each]:-}" ]; then rest+=("${lines[i]}"); break; fi
    done
  done
  printf '%s\n' "${rest[@]}" | rewrite "$JOURNAL"
}
