#!/usr/bin/env bash
# Everything that CI runs, in the order in which a fault is found soonest, and how long each part took.
# From a bare machine this is to stay under 25 minutes on two cores; what was built once is taken from the cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

counts=$(mktemp)
table=''
part=''

# report prints the table and the sum of all tests, also when a part failed.
report() {
  local status=$?
  [ -z "$part" ] || table+=$(printf '%-10s %5d s  FAILED' "$part" $((SECONDS - began)))$'\n'
  table+=$(printf '%-10s %5d s' total "$SECONDS")$'\n'
  awk -v table="$table" '
    /^#/ { why = why "failed: " substr($0, 3) "\n"; next }
    { passed += $1; failed += $2; skipped += $3 }
    END {
      printf "\n%s", table
      printf "%d passed, %d failed, %d skipped\n%s", passed, failed, skipped, why
    }' "$counts"
  rm -f "$counts" "$counts".*
  exit $status
}
trap report EXIT

# step NAME COMMAND... runs one part and notes its time.
step() {
  part=$1
  began=$SECONDS
  shift
  printf '\n=== %s\n' "$part"
  "$@"
  table+=$(printf '%-10s %5d s' "$part" $((SECONDS - began)))$'\n'
  part=''
}

# gotest ARGS... runs go test and adds to the counts.
gotest() { go test -json "$@" | bin/testsum -counts "$counts"; }

web_tests() {
  local out=0
  scripts/web.sh test | tee "$counts.web" || out=$?
  # node --test closes with "# pass N" (or "i pass N" on a terminal) and so on.
  awk '$2 == "pass" { p += $3 } $2 == "fail" { f += $3 } $2 == "skipped" { s += $3 } END { print p + 0, f + 0, s + 0 }' \
    "$counts.web" >>"$counts"
  rm -f "$counts.web"
  return $out
}

# peers waits for the packages of the real peers, which came while FFmpeg was built.
peers() {
  wait "$packages" || { cat "$counts.peers" >&2; return 1; }
  scripts/deps.sh test
}

scripts/go.sh
step packages scripts/deps.sh build lint
scripts/deps.sh test >"$counts.peers" 2>&1 &
packages=$!
[ "${FFMPEG:-built}" = system ] || step ffmpeg scripts/ffmpeg.sh
settings=$(scripts/env.sh)
eval "$settings"
step web scripts/web.sh build
step build scripts/build.sh
go build -o bin/testsum ./scripts/testsum
step linter scripts/linter.sh
step lint scripts/lint.sh
# The linter has vetted the code already.
# A package that hangs is told with its stacks long before CI gives up. Calls in tests mostly wait for somebody who speaks.
step go-race gotest -race -vet=off -timeout 6m -parallel 8 ./...
step peers peers
step web-test web_tests
LEGROOM_NODE=$(scripts/node.sh)/node
export LEGROOM_NODE
step calls gotest -tags 'e2e nolibopusfile' -timeout 20m ./test/e2e/...
