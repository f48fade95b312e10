#!/usr/bin/env bash
# Runs the steps of the Dockerfile without a container engine: each stage is a folder made by debootstrap, RUN is chroot,
# COPY is a copy of what git has. In the end the image's own command runs as the image's own user, and its own health
# check has to succeed. About 10 minutes and 3 GB in TMPDIR.
#
# Not covered: layers and their cache, and what an engine sets up beside a root folder (its networks, its seccomp rules).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."
# shellcheck source=scripts/chroot.sh
. "$here/chroot.sh"

stage=''        # the one that is being made, a folder in $work
workdir=/
user=root
settings=()     # ENV and ARG of the stage
health=''
command=''
run=()

from() { # IMAGE [AS NAME]
  [[ $1 == debian:* ]] || die "FROM $1: only Debian can be made here"
  local suite=${1#debian:}
  stage=${3:-last}
  debian "${suite%-slim}" "$stage"
  workdir=/
  user=root
  settings=()
}

copy() { # [--from=STAGE] SOURCE... TARGET
  local source=. target each
  if [[ $1 == --from=* ]]; then source=$work/${1#--from=}; shift; fi
  target=${*: -1}
  [[ $target == /* ]] || target=$workdir/$target
  target=$work/$stage$target
  set -- "${@:1:$#-1}"
  if [ "$source$*" = .. ]; then
    tree "$target"
    rm -rf "$target/web/dist" # .dockerignore; the rest of it git does not have either
    return
  fi
  if [ $# -gt 1 ] || [[ $target == */ ]]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; fi
  for each in "$@"; do
    # A folder's content goes into the target, a file into the target or in its place.
    if [ -d "$source/$each" ]; then cp -rT "$source/$each" "$target"; else cp "$source/$each" "$target"; fi
  done
}

# words prints the words of a JSON list of strings without blanks in them, one a line.
words() { tr -d '[]",' <<<"$1" | tr -s ' ' '\n' | sed '/^$/d'; }

# step does one instruction of the Dockerfile.
step() {
  local instruction=${1%% *} rest=${1#* } list
  read -ra list <<<"$rest"
  case $instruction in
    FROM) from "${list[@]}" ;;
    ARG) settings+=("$rest") ;;
    # X264 is the one setting that takes its value from an ARG.
    ENV) settings+=("${list[@]/\$X264/0}") ;;
    WORKDIR) workdir=$rest; mkdir -p "$work/$stage$workdir" ;;
    COPY) copy "${list[@]}" ;;
    RUN) enter "$stage" root "$workdir" "${settings[@]}"; "${run[@]}" /bin/sh -c "$rest" ;;
    USER) user=$rest ;;
    HEALTHCHECK) health=${rest#*CMD } ;;
    CMD) command=$rest ;;
    LABEL | VOLUME | EXPOSE | STOPSIGNAL) ;;
    *) die "Dockerfile: $instruction is not known here" ;;
  esac
}

# Lines that end in a backslash go on; comments and empty lines are none.
mapfile -t steps < <(sed -e '/^#/d' -e '/^[[:space:]]*$/d' -e ':a;/\\$/{N;s/\\\n[[:space:]]*/ /;ba}' Dockerfile)
for each in "${steps[@]}"; do
  began=$SECONDS
  printf '== %s\n' "$each"
  step "$each"
  [ $((SECONDS - began)) -lt 5 ] || printf '   %d s\n' $((SECONDS - began))
done

if [ -z "$command" ] || [ -z "$health" ]; then die "the Dockerfile has no CMD or no HEALTHCHECK"; fi
[ "$user" != root ] || die "the image would run as root"
mapfile -t main < <(words "$command")
mapfile -t check < <(words "$health")
enter "$stage" "$user" "$workdir" "${settings[@]}"
serve "${run[@]}" "${main[@]}"
healthy "${run[@]}" "${check[@]}"
runs_as=$(ps -o uid= -p "$server" | tr -d ' ')
[ "$runs_as" != 0 ] || die "it runs as root"
ends
if "${run[@]}" "${check[@]}" >/dev/null 2>&1; then die "the health check succeeds with nobody running"; fi
size=$(du -shx --exclude=proc --exclude=dev "$work/$stage" | cut -f1)
say "the image builds, runs as user $runs_as, is healthy and ends in good order; $size in all"
