#!/usr/bin/env bash
# Builds and checks the browser client in web/. Its result, web/dist, goes into the binary.
#
#   scripts/web.sh build   npm ci, vite build and the offline verifier, only when something they read has changed
#   scripts/web.sh check   TypeScript and ESLint
#   scripts/web.sh test    node --test
#   scripts/web.sh screens every screen in a browser, examined by axe; needs the build
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/../web"

# digest FILE... is one hash over names and contents.
digest() { sha256sum "$@" | sha256sum | cut -c1-16; }

# same STAMP VALUE tells whether the stamp file holds the value.
same() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

node=$("$here/node.sh")
export PATH="$node:$PATH"

packages=$(digest package.json package-lock.json)
if ! same node_modules/.legroom-packages "$packages"; then
  say "installing the packages that package-lock.json names"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  printf '%s' "$packages" >node_modules/.legroom-packages
fi

case ${1:-build} in
  build)
    mapfile -d '' sources < <(find . -path ./node_modules -prune -o -path ./dist -prune -o -path ./test -prune -o \
      -type f ! -name '*.go' -print0 | sort -z)
    built=$(digest "${sources[@]}")
    if same node_modules/.legroom-built "$built" && [ -f dist/index.html ] && [ -f dist/verify.html ]; then exit 0; fi
    say "building the web client"
    npm run --silent build >&2
    npm run --silent verifier >&2
    # Vite empties the folder; this file keeps it in git, as Go embeds the folder also before anything is built.
    : >dist/.keep
    printf '%s' "$built" >node_modules/.legroom-built
    ;;
  check) npm run --silent check ;;
  test) npm run --silent test ;;
  screens) npm run --silent screens ;;
  *) die "unknown command '$1': build, check, test or screens" ;;
esac
