# Read by bash in place of ~/.bashrc: the person's own files first, then marks around prompts and commands.
# bash itself has read /etc/bash.bashrc already where it was built to.

if [ -n "${BULKHEAD_BASH_LOGIN-}" ]; then
  unset BULKHEAD_BASH_LOGIN
  [ -r /etc/profile ] && . /etc/profile
  if [ -r ~/.bash_profile ]; then . ~/.bash_profile
  elif [ -r ~/.bash_login ]; then . ~/.bash_login
  elif [ -r ~/.profile ]; then . ~/.profile
  fi
elif [ -r ~/.bashrc ]; then
  . ~/.bashrc
fi

# PS0 came with bash 4.4; a restricted or non-interactive shell gets no marks.
if [[ $- == *i* && $- != *r* && -z ${__bulkhead_on-} ]] \
  && (( BASH_VERSINFO[0] > 4 || (BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] >= 4) )); then
  __bulkhead_on=1
  __bulkhead_folder=
  __bulkhead_number=

  # Escapes what would end or bend a command line mark.
  __bulkhead_escape() {
    local text=$1
    text=${text//\\/\\\\}
    text=${text//;/\\x3b}
    text=${text//$'\n'/\\x0a}
    text=${text//$'\r'/\\x0d}
    text=${text//$'\e'/\\x1b}
    text=${text//$'\a'/\\x07}
    printf '%s' "$text"
  }

  __bulkhead_uri() {
    local LC_ALL=C text=$1 out= char index
    for (( index = 0; index < ${#text}; index++ )); do
      char=${text:index:1}
      case $char in
        [a-zA-Z0-9/._~-]) out+=$char ;;
        *) printf -v char '%%%02X' "'$char"; out+=%${char: -2} ;;
      esac
    done
    printf '%s' "$out"
  }

  # Sets __bulkhead_line and __bulkhead_entry to the text and number of the last history entry.
  __bulkhead_last() {
    local HISTTIMEFORMAT= raw
    raw=$(builtin history 1)
    __bulkhead_entry= __bulkhead_line=
    if [[ $raw =~ ^\ *([0-9]+)[*\ ]\ (.*)$ ]]; then
      __bulkhead_entry=${BASH_REMATCH[1]} __bulkhead_line=${BASH_REMATCH[2]}
    fi
  }

  # Runs in a subshell when a command line was read, before it is executed.
  __bulkhead_preexec() {
    __bulkhead_last
    if [[ $__bulkhead_entry != "$__bulkhead_number" ]]; then
      printf '\e]633;E;%s\a' "$(__bulkhead_escape "$__bulkhead_line")"
    fi
    printf '\e]133;C\a'
  }

  # A line that made no history entry was either a repetition, which is told, or kept out on purpose, which is not.
  __bulkhead_repeated() {
    __bulkhead_last
    if [[ $__bulkhead_entry == "$__bulkhead_number" && -n $1 && $__bulkhead_line == "$1"* ]]; then
      printf '\e]633;E;%s\a' "$(__bulkhead_escape "$__bulkhead_line")"
    fi
  }

  # Runs first at every prompt: the end of the command before it.
  __bulkhead_ended() {
    local code=$?
    printf '\e]133;D;%s\a' "$code"
    return "$code"
  }

  # Runs last at every prompt, when the person's own hooks have made their PS1.
  __bulkhead_prompt() {
    local code=$?
    if [[ $PWD != "$__bulkhead_folder" ]]; then
      __bulkhead_folder=$PWD
      printf '\e]7;file://%s%s\a' "${HOSTNAME-}" "$(__bulkhead_uri "$PWD")"
    fi
    __bulkhead_last
    __bulkhead_number=$__bulkhead_entry
    if [[ $PS1 != *'\e]133;B'* ]]; then
      PS1='\[\e]133;A\a\]'$PS1'\[\e]133;B\a\]'
    fi
    if [[ ${PS0-} != *__bulkhead_preexec* ]]; then
      PS0=${PS0-}'$(__bulkhead_preexec)'
    fi
    return "$code"
  }

  # Not a function: in one the person's own DEBUG trap, which must stay, could not be seen.
  __bulkhead_watch='[[ -n $(trap -p DEBUG) ]] || trap "$__bulkhead_trap" DEBUG'
  __bulkhead_trap='[[ -n ${COMP_LINE-}${READLINE_LINE-} ]] || { trap - DEBUG; __bulkhead_repeated "$BASH_COMMAND"; }'

  if (( BASH_VERSINFO[0] > 5 || (BASH_VERSINFO[0] == 5 && BASH_VERSINFO[1] >= 1) )); then
    PROMPT_COMMAND=(__bulkhead_ended "${PROMPT_COMMAND[@]}" __bulkhead_prompt "$__bulkhead_watch")
  else
    PROMPT_COMMAND="__bulkhead_ended${PROMPT_COMMAND:+; $PROMPT_COMMAND}; __bulkhead_prompt; $__bulkhead_watch"
  fi
fi
