# shellcheck shell=bash
# Shared by the scripts in this folder; sourced, never run.

# Where things are kept that are built or fetched once a machine.
# shellcheck disable=SC2034 # read by the scripts that source this
home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cache=${LEGROOM_CACHE:-${XDG_CACHE_HOME:-$home/.cache}/legroom}

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2; }
die() { say "$*"; exit 1; }

# as_root runs a command as root, through sudo where we are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || die "this needs root: run it as root, or install sudo and let $(id -un) use it (command: $*)"
  sudo "$@"
}

# locked NAME waits for other makes that are building NAME and holds the lock until this script ends.
locked() {
  mkdir -p "$cache"
  exec 9>"$cache/$1.lock"
  flock -n 9 && return
  say "another build of $1 is under way, waiting for it"
  flock 9
}
