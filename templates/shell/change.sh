# The plan is another than that of the run in force: what it does not say any more is taken back, and the rest is done.
# So is what was said of a namespace that is gone.  Until then the journal tells of the old plan, then of this one.
change() {   # change: with `dry` only tell what would be done
  [ ! -e "$JOURNAL" ] || lock
  if [ -e "$JOURNAL" ] && grep -q ^finished "$JOURNAL"; then
    (wants) || exit $?
    (part_with) || exit $?
    eval "asked_$(declare -f need)"
    need() { [ -n "$bad" ] || [ "$number" = 0 ] || asked_need "$@"; }   # those before the steps were asked; with what is missing more is
  fi
  [ -n "$dry" ] || return 0
  dry='' MODE=check
  [ ! -e "$JOURNAL" ] || remember
  steps
  report
  exit "${bad:-0}"
}
wants() {   # what this plan needs, before anything of the old one is touched; what this run has is free for it
  local spared
  local -A own=()
  again=1
  remember
  list_own
  spared="${!own[*]}"
  remark() { :; }
  step() { exit 0; }
  steps
}
part_with() {   # in a shell of its own, where to take back is this
  local -A wanted=() going=() renamed=()
  local -a all=() parting=()
  local plan own
  IFS=$'\t' read -r _ _ _ _ _ _ _ _ plan <"$JOURNAL"
  if [ "$plan" = "$PLAN" ] && learns_nothing && all_alive; then return 0; fi   # it would ask just the same
  # shellcheck disable=SC2086  # words
  [ -z "$KEPT" ] || quote own "$(declare -f $KEPT)"   # before those of the journal take their places
  want
  choose() { all=("${lines[@]}"); leaving; staying; }
  keep() {
    local each
    for each in "${parting[@]}"; do [ -n "${kept[${each%%$'\t'*}]:-}" ] || say "$undone: ${each#*$'\t'}"; done
    [ "${#going[@]}-$plan" = "0-$PLAN" ] || rewritten | rewrite "$JOURNAL"
  }
  take_back
  return "${bad:-0}"
}
learns_nothing() { ! grep -E '^  \w+=\$[({]' < <(printf '%s\n' "$steps") >&8; }   # no question has an answer of today in it
all_alive() {   # each namespace that this run made is there, and the one that it was
  local kind step at command
  local -A spaces=() made_as=() made_here=()
  list_spaces
  while IFS=$'\t' read -r kind step at _ _ _ command; do
    case $kind in is) made_as["$step"]=$at ;; *) made_here["$step"]=${command##* } ;; esac
  done < <(grep -E $'^is\t|^undo\t.*\tip netns del [^\t]*$' "$JOURNAL")
  for step in "${!made_here[@]}"; do [ "${spaces["${made_here["$step"]}"]:-}" = "${made_as["$step"]:-}" ] || return 1; done
}
want() {   # the number of each step of this script, by its place and its question
  local verbs
  verbs=$(declare -f report need remark unless undo run expect refute moment together do_all do_soon all_done)
  report() { :; }
  need() { :; }
  remark() { :; }
  unless() { quote question "$@"; }
  undo() { wanted["$netns $question"]=$number; }
  run() { :; }
  expect() { :; }
  refute() { :; }
  moment() { :; }
  together() { local part; for part; do "$part"; done; }
  do_all() { :; }
  do_soon() { :; }
  all_done() { :; }
  steps >&8 2>&8 || :
  eval "$verbs"
}
leaving() {   # which steps of the old plan are not wanted, or were done in a namespace that is gone, or go along with one
  local i each place dead=' ' before=''
  local -a asks
  local -A spaces=()
  list_spaces
  for ((i = 0; i < ${#lines[@]}; i++)); do
    fields "$i" || continue
    place=${at#-} place=${place%%[=/]*}
    renamed[$step]=${wanted["$place $question"]:-}
    [ -n "${renamed[$step]}" ] || going[$step]=1
    case $command in
    'ip netns del '*)
      place=${command##* }
      if [ -n "${going[$step]:-}" ] || [ "${spaces["$place"]:-}" != "${is[$step]:-}" ]; then going[$step]=1 dead+="$place "; fi ;;
    *' rm -f '*) [ -z "${going[$step]:-}" ] || dead+="${command##* } " ;;   # a container, and its namespace
    esac
  done
  [ ${#going[@]} -gt 0 ] || return 0   # nothing goes along with them
  while [ "$dead" != "$before" ]; do
    before=$dead
    for ((i = 0; i < ${#lines[@]}; i++)); do
      fields "$i" || continue
      place=${at#-} place=${place%%[=/]*}
      read -ra asks <<<"$question"
      for each in "${asks[@]}" "$place"; do [[ -z $each || $dead != *" $each "* ]] || going[$step]=1; done
      for each in ${parts//,/ }; do [ -z "${going[$each]:-}" ] || going[$step]=1; done
      case $command in 'ip netns del '* | *' rm -f '*)
        place=${command##* }
        if [[ $dead == *" $place "* ]]; then going[$step]=1; elif [ -n "${going[$step]:-}" ]; then dead+="$place "; fi ;;
      esac
    done
  done
}
staying() {   # of the lines only those of steps that go; of what they are part of only that which goes, too
  local -a left=()
  local i each with
  [ ${#going[@]} -gt 0 ] || { lines=("${lines[0]}"); return 0; }
  for ((i = 0; i < ${#lines[@]}; i++)); do
    if ! fields "$i"; then left+=("${lines[i]}"); continue; fi
    [ -n "${going[$step]:-}" ] || continue
    with=-
    for each in ${parts//,/ }; do [ -z "${going[$each]:-}" ] || with+=,$each; done
    left+=("undo"$'\t'"$step"$'\t'"$with"$'\t'"$at"$'\t'"$key"$'\t'"$question"$'\t'"$command")
    [ "$with" != - ] || parting+=("$step"$'\t'"$command")
  done
  lines=("${left[@]}")
}
rewritten() {   # the journal of this plan, with what of the old one stays; or of the old one, where something could not be taken back
  local i each with
  local -a now=()
  lines=("${all[@]}")
  if [ -n "$bad" ]; then
    printf '%s\n' "${lines[0]}"
    renamed=()   # each step keeps its number
  else
    now
    first_line "$JOURNAL"
    printf 'started\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$order" "$host" "$RECIPE" "$TOTAL" - "$time" "${MADE_BY:--}" "$PLAN"
  fi
  [ -n "$bad" ] || [ -z "$KEPT" ] || lines+=("words"$'\t'"${KEPT// /,}"$'\t'"$own")
  for ((i = 1; i < ${#lines[@]}; i++)); do
    case ${lines[i]} in
    undo$'\t'*)
      fields "$i"
      if [ -n "${going[$step]:-}" ]; then [ -z "${kept[$step]:-}" ] || printf '%s\n' "${lines[i]}"; continue; fi
      with=-
      for each in ${parts//,/ }; do [ "$each" = - ] || with+=,${renamed[$each]:-$each}; done
      printf 'undo\t%s\t%s\t%s\t%s\t%s\t%s\n' "${renamed[$step]:-$step}" "$with" "$at" "$key" "$question" "$command" ;;
    is$'\t'*)
      IFS=$'\t' read -r _ step at <<<"${lines[i]}"
      if [ -z "${going[$step]:-}" ]; then printf 'is\t%s\t%s\n' "${renamed[$step]:-$step}" "$at"
      elif [ -n "${kept[$step]:-}" ]; then printf '%s\n' "${lines[i]}"; fi ;;
    needs$'\t'*) [ -z "$bad" ] || printf '%s\n' "${lines[i]}" ;;
    *) printf '%s\n' "${lines[i]}" ;;
    esac
  done
}
