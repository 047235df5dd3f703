# Undo: the newest first.  What another run uses is handed to it; what another run needs is not taken from under it.
take_back() {   # take_back [N]: what stands after the journal's first N lines
  local -a lines late=()
  local -A is=() newer=() heirs=() handed=() needers=() kept=()
  local i kind step from=${1:-0}
  trap '' INT TERM HUP PIPE
  local unwritten=1   # it asks also where there is no room for answers
  inodes=() versions=()
  mapfile -t lines <"$JOURNAL"
  [ -z "$cut" ] || unset 'lines[-1]'
  recollect
  choose
  other_runs
  if [ ${#needers[@]} -gt 0 ]; then
    [ -n "$dry" ] || refuse "$stand_on ${!needers[*]}"
    say "bridgekit: $stand_on ${!needers[*]}" >&2
    bad=3
  fi
  for ((i = ${#lines[@]} - 1; i >= from; i--)); do
    case ${#heirs[@]}${lines[i]#undo$'\t'*$'\t'} in 0-,*) continue ;; esac   # as `goes_along`, for most lines
    fields "$i" || continue
    [ -z "${newer["$at $question"]:-}" ] || continue   # done twice, it is taken back once
    newer["$at $question"]=1
    if [ -n "${heirs[$i]:-}" ]; then hand "${heirs[$i]}" || kept[$step]=1
    elif goes_along; then continue
    elif [ -n "$dry" ]; then is_another || back || :
    elif is_root; then late+=("$i")
    else at_once; fields "$i"; one_by_one; fi
  done
  at_once
  [ -n "$dry" ] || keep
}
choose() { :; }   # what of the run is taken back: all
fields() {   # those of line N; none is empty, none has a tab or a line's end in it
  local IFS=$'\t'
  set -f
  # shellcheck disable=SC2086  # they are words here
  set -- ${lines[$1]}
  set +f
  kind=${1:-}
  [ "$kind-$#" = undo-7 ] || return 1   # the step of a line that was cut off had not begun
  step=$2 parts=$3 at=$4 key=$5 question=$6 command=$7
}
settle() {   # what a run that was killed had noted and not done may be done by others after it: that is not its own
  local file kind step parts at key question command i last from=0
  local -a lines
  local -A is
  mapfile -t lines < <(compgen -G "$STATE/*")
  case ${lines[*]} in '' | "$JOURNAL") return 0 ;; esac
  while IFS= read -r file; do
    first_line "$file"
    if [ "$file" = "$JOURNAL" ] || [ "$host" != "$here" ]; then continue; fi
    mapfile -t lines <"$file"
    last=$((${#lines[@]} - 1))
    [ "${lines[last]}" != settled ] || continue   # asked once
    recollect
    for ((i = last; i > 0; i--)); do
      # Of a value only the last: what others have set since is not what it was before.
      if ! fields "$i" || { [ "$key" != - ] && [ "$i" != "$last" ]; }; then continue; fi
      holds || [ $? = 2 ] || unset "lines[i]"
    done
    printf '%s\n' "${lines[@]}" settled | rewrite "$file" 2>&8 || :
  done < <(grep -sL -D skip ^finished -- "$STATE"/*)
}
recollect() {   # which things they were, and the words that undo them
  local line name value names
  for line in "${lines[@]:from}"; do
    case $line in is$'\t'* | words$'\t'*) ;; *) continue ;; esac
    IFS=$'\t' read -r kind name value <<<"$line"
    case $kind in
    is) is["$name"]=$value ;;
    words)
      case $value in \$*) eval "value=$value" ;; *) value=$(base64 -d <<<"$value") ;; esac 2>&8 || continue   # cut: nothing was done after it
      eval "$value" 2>&8 || continue
      IFS=, read -ra names <<<"$name"; export -f "${names[@]}" ;;
    esac
  done
}
other_runs() {   # heirs: by line, the journal that takes it over; needers: the names of runs that stand on one
  local i file line what ours
  local -A at_line=() first=() need=() is_value=()
  local -a patterns=() others=()
  first_line "$JOURNAL"
  ours=$order
  for file in "$STATE"/*; do [ "$file" = "$JOURNAL" ] || others+=("$file"); done
  [ ${#others[@]} -gt 0 ] || return 0
  for ((i = from; i < ${#lines[@]}; i++)); do
    fields "$i" || continue
    patterns+=("$question") at_line["$at $question"]=$i at_line["$question"]=$i
    [ "$key" = - ] || patterns+=("$key") at_line["$at $key"]=$i is_value[$i]=1
  done
  [ ${#patterns[@]} -gt 0 ] || return 0
  while IFS= read -r -d '' file && IFS= read -r line; do
    IFS=$'\t' read -r what step parts at key question _ <<<"$line"
    first_line "$file"
    i=''
    case $what in
    needs) i=${at_line["$step"]:-}; [ -z "$i" ] || need[$i]+=" ${file##*/}"; continue ;;
    uses)
      i=${at_line["$step $parts"]:-}
      [ -z "$i" ] || [ -z "${is_value[$i]:-}" ] || [ "$order" -ge "$ours" ] || i='' ;;   # it had another value since
    undo)
      [ "$key" = - ] || [ "$order" -lt "$ours" ] || i=${at_line["$at $key"]:-}
      [ "$key" != - ] || [ "$order" -le "$ours" ] || i=${at_line["$at $question"]:-}   # it did the same later
      [[ $step != "$NAME".* ]] || i=${at_line["$at $question"]:-} ;;
    esac
    if [ -n "$i" ] && [ "$order" -lt "${first[$i]:-$((order + 1))}" ]; then first[$i]=$order heirs[$i]=$file; fi
  done < <(grep -sHZF -D skip -f <(printf '%s\n' "${patterns[@]}") -- "${others[@]}")
  for i in "${!heirs[@]}"; do fields "$i"; handed[$step]=1; done
  for i in "${!need[@]}"; do [ -n "${heirs[$i]:-}" ] || for what in ${need[$i]}; do needers[$what]=1; done; done
}
goes_along() {   # it is part of something that goes
  local each
  for each in ${parts//,/ }; do [ "$each" = - ] || [ -n "${handed[$each]:-}" ] || return 0; done
  return 1
}
is_another() {   # its name leads to something that this run did not make
  local now netns=${at%/*}
  if [ "$netns" != - ] && now=$(behind "${netns%=*}" 2>&8) && [ "$now" != "${netns##*=}" ]; then return 0; fi
  [ -n "${is[$step]:-}" ] && now=$(identity "$command" 2>&8) && [ "$now" != "${is[$step]}" ]
}
holds() {   # whether the line's question is so; of rules, only who keeps them can tell
  local answer=0
  still "$question" || answer=$?
  tables
  [[ $at != */* || $at == *"$backend" ]] || answer=2 why="$other_tables ${at##*/}"
  return "$answer"
}
back() {   # do what the line says, if there is something to take back; 1 if that could not be done
  local answer=0
  said=''
  holds || answer=$?
  [ "$answer" != 1 ] || return 0
  if [ "$answer" = 0 ]; then
    if [ -n "$dry" ]; then say "$command"; return 0; fi
    if { said=$(eval "$command" 2>&1 </dev/null); } 6>&1; then return 0; fi   # what is said to 6 is said all the same
    still "$question" || [ $? = 2 ] || return 0
  fi
  { say "$not_undone: $command"; [ -z "$said$why" ] || say "  ${said:-$why}"; } >&2
  bad=1
  return 1
}
hand() {   # hand JOURNAL: the line is another run's from now on; or, if that set the same value later, the value before both
  local used=$'uses\t'"$at"$'\t'"$question" line what=${command%%\\n*}
  [ "$what" = "$command" ] || what=${what#*\'}   # of many values the first
  [ "$parts" != - ] || say "$handed_to ${1##*/}: $what"
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
  if [ ${#kept[@]} = 0 ]; then
    if [ "$from" = 0 ]; then rm "$JOURNAL"; else truncate -s "$(head -n "$from" "$JOURNAL" | wc -c)" "$JOURNAL"; fi
    return 0
  fi
  for ((i = from; i < ${#lines[@]}; i++)); do
    fields "$i" || { rest+=("${lines[i]}"); continue; }
    for each in "$step" ${parts//,/ }; do
      if [ -n "${kept[$each]:-}" ]; then rest+=("${lines[i]}"); break; fi
    done
  done
  printf '%s\n' "${rest[@]}" | rewrite "$JOURNAL" || :   # where there is no room, all lines stay
}
