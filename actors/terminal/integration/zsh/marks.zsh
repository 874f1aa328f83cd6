# Marks around prompts and commands. Sourced before the person's .zshrc; takes effect at the first prompt, after it.
typeset -g __bulkhead_folder=
typeset -g __bulkhead_running=

__bulkhead_escape() {
  emulate -L zsh
  local text=$1
  text=${text//\\/\\\\}
  text=${text//;/\\x3b}
  text=${text//$'\n'/\\x0a}
  text=${text//$'\r'/\\x0d}
  text=${text//$'\e'/\\x1b}
  text=${text//$'\a'/\\x07}
  REPLY=$text
}

__bulkhead_uri() {
  emulate -L zsh
  setopt no_multibyte
  local text=$1 char
  local -a out
  for char in ${(s::)text}; do
    if [[ $char == [a-zA-Z0-9/._~-] ]]; then out+=$char
    else out+=%${(l:2::0:)$(( [##16] #char ))}
    fi
  done
  REPLY=${(j::)out}
}

__bulkhead_precmd() {
  local code=$?
  if [[ -n $__bulkhead_running ]]; then
    __bulkhead_running=
    printf '\e]133;D;%s\a' $code
  fi
  if [[ $PWD != $__bulkhead_folder ]]; then
    __bulkhead_folder=$PWD
    local REPLY
    __bulkhead_uri $PWD
    printf '\e]7;file://%s%s\a' $HOST $REPLY
  fi
  if [[ $PS1 != *$'\e]133;B'* ]]; then
    PS1=$'%{\e]133;A\a%}'$PS1$'%{\e]133;B\a%}'
  fi
  return $code
}

__bulkhead_preexec() {
  local REPLY
  __bulkhead_running=1
  __bulkhead_escape $1
  printf '\e]633;E;%s\a\e]133;C\a' $REPLY
}

# The first prompt: by now every hook of the person's files is there, and ours goes behind them.
__bulkhead_first() {
  local code=$?
  precmd_functions=(${precmd_functions:#__bulkhead_first} __bulkhead_precmd)
  preexec_functions=(${preexec_functions:#__bulkhead_preexec} __bulkhead_preexec)
  unfunction __bulkhead_first
  (exit $code)
  __bulkhead_precmd
}

typeset -ga precmd_functions preexec_functions
precmd_functions+=(__bulkhead_first)
