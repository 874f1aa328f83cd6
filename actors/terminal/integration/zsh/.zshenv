# Read by zsh through ZDOTDIR, which is put back at once: all other files are the person's own, read by zsh itself.
if [[ -n "${BULKHEAD_ZDOTDIR+x}" ]]; then
  export ZDOTDIR="$BULKHEAD_ZDOTDIR"
  unset BULKHEAD_ZDOTDIR
else
  unset ZDOTDIR
fi
__bulkhead_scripts="${${(%):-%x}:A:h}"
{
  [[ -r "${ZDOTDIR:-$HOME}/.zshenv" ]] && source "${ZDOTDIR:-$HOME}/.zshenv"
} always {
  if [[ -o interactive ]]; then
    source "$__bulkhead_scripts/marks.zsh"
  fi
  unset __bulkhead_scripts
}
