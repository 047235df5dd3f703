# fish: in ~/.config/fish/completions/bridgekit.fish, or: bridgekit completion fish | source
function __bridgekit_words
  set -lx BRIDGEKIT_COMPLETE 1
  set -l words (commandline -opc)
  bridgekit $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c bridgekit -n 'test -n "$(__bridgekit_words)"' -f -a '(__bridgekit_words)'
