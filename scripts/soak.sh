#!/usr/bin/env bash
# What takes too long for every change: all 36 combinations of codec, transport and security with real phones, half an hour
# of encrypted meetings that people come to and leave in any order, every screen of the client with axe, the fuzz targets
# for a minute each, the steps of the Dockerfile, a fresh Debian 12 and 13, and `make test` on a machine that has nothing.
#
#   make soak                      everything, about two and a half hours
#   PARTS="calls docker" make soak only these
#   PARTS=meetings MEETINGS=3m LEGROOM_SEED=7 make soak    meetings of that length, and that course of them
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

parts=${PARTS:-calls meetings screens race fuzz docker bookworm trixie cold}
"$here/deps.sh" build test soak
settings=$("$here/env.sh")
eval "$settings"

# fuzz runs each fuzz target there is for FUZZTIME.
fuzz() {
  local package target
  go list -f '{{.Dir}}' ./... | while read -r package; do
    grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$package"/*_test.go 2>/dev/null | cut -d' ' -f2 | while read -r target; do
      printf -- '-- %s %s\n' "${package#"$PWD"/}" "$target"
      go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-1m}" "$package" </dev/null
    done
  done
}

for part in $parts; do
  printf '\n=== %s\n' "$part"
  began=$SECONDS
  case $part in
    calls)
      LEGROOM_NODE=$("$here/node.sh")/node LEGROOM_SOAK=1 go test -count 1 -tags 'e2e nolibopusfile' -timeout 60m ./test/e2e/...
      ;;
    meetings)
      "$here/build.sh"
      LEGROOM_STORMS=${STORMS:-200} "$here/web.sh" test # those of meetings, with a clock that stands still
      LEGROOM_NODE=$("$here/node.sh")/node LEGROOM_MEETINGS=${MEETINGS:-30m} \
        go test -count 1 -v -tags 'e2e nolibopusfile' -timeout 90m -run '^(TestMeetings|TestSwitchWithinAnEpochChange)$' ./test/e2e
      ;;
    screens) "$here/build.sh" && "$here/web.sh" screens ;;
    race) go test -race -count 10 -timeout 60m ./... ;;
    fuzz) fuzz ;;
    docker) "$here/docker-steps-test.sh" ;;
    bookworm | trixie) "$here/fresh-test.sh" "$part" ;;
    cold) "$here/fresh-test.sh" bookworm test ;;
    *) die "unknown part '$part': calls, meetings, screens, race, fuzz, docker, bookworm, trixie or cold" ;;
  esac
  printf '%s took %d s\n' "$part" $((SECONDS - began))
done
