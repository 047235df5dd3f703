#compdef bridgekit
# zsh: a file named _bridgekit in a folder of $fpath, or: . <(bridgekit completion zsh)
_bridgekit() {
  local -a found
  local line
  for line in "${(@f)$(BRIDGEKIT_COMPLETE=1 bridgekit "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line ]] || found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then _describe bridgekit found; else _files; fi
}
if [[ $funcstack[1] == _bridgekit ]]; then _bridgekit "$@"; else compdef _bridgekit bridgekit; fi
