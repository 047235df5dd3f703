# bash: put it where bash-completion finds it, or: . <(bridgekit completion bash)
_bridgekit() {
  local -a words
  local now
  read -ra words <<<"${COMP_LINE:0:COMP_POINT}"   # bash itself takes a word apart at a colon
  [[ ${COMP_LINE:0:COMP_POINT} != *' ' ]] || words+=('')
  while [ "${#words[@]}" -gt 0 ] && [[ ${words[0]} != *bridgekit ]]; do words=("${words[@]:1}"); done   # sudo
  now=${words[-1]}
  mapfile -t COMPREPLY < <(BRIDGEKIT_COMPLETE=1 bridgekit "${words[@]:1}" 2>/dev/null | cut -f 1)
  [[ $now != *:* || $COMP_WORDBREAKS != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${now%"${now##*:}"}"}")
}
complete -o default -F _bridgekit bridgekit
