#!/usr/bin/env bash
# What a call costs and how late it is: 24 G.711 calls in pairs and in threes through the gateway, beside a bare relay of
# the same packets on the same machine in the same run.
#
#   SIPLAT=DIR scripts/density.sh      DIR holds the source of the load tool siplat
#
# Before that, how soon a caller hears the first word of the voice menu, for each codec.
#
# Prints siplat's report for each run and, last, the ratio of the gateway's CPU to the relay's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ -n "${SIPLAT:-}" ] || die "say where the load tool's source lies: SIPLAT=DIR make bench"
work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT

(cd "$SIPLAT" && GOFLAGS='' go build -o "$work/siplat" .)
go build -o "$work/relay" ./test/density/relay

"$work/relay" -listen 127.0.0.1:5070 &
relay=$!
pids+=("$relay")
bin/legroom serve --config configs/bench.yaml >"$work/gateway.log" 2>&1 &
gateway=$!
pids+=("$gateway")
until bin/legroom health --config configs/bench.yaml >/dev/null 2>&1; do
  kill -0 "$gateway" || { cat "$work/gateway.log"; die "the gateway did not start"; }
  read -rt 0.1 <> <(:) || true
done

cost() { awk -v p="$1" 'index($0, p" (pid") { gsub("%", "", $7); for (i = 1; i <= NF; i++) if ($i == "a" && $(i+1) ~ /^call/) { print $(i-1) + 0; exit } }' "$2"; }

# spread prints the median and the largest of the numbers it reads.
spread() { sort -n | awk '{ v[NR] = $1 } END { printf "p50 %.1f ms, max %.1f ms", v[int((NR + 1) / 2)], v[NR] }'; }

# An unknown number is asked for its PIN, by voice.
for codec in PCMU PCMA G722 opus; do
  for _ in {1..10}; do
    bin/legroom call sip:4444@127.0.0.1 --codec "$codec" --duration 500ms
  done | awk '/^answered/ { print $3, $3 + $12 }' >"$work/answers"
  printf '%-4s  INVITE to 200: %s; to the first prompt sample: %s\n' "$codec" "$(cut -d' ' -f1 "$work/answers" | spread)" \
    "$(cut -d' ' -f2 "$work/answers" | spread)"
done

round=0
for per_room in 2 3; do
  for who in relay gateway; do
    round=$((round + 1))
    port=5070; pid=$relay
    [ "$who" = gateway ] && { port=5060; pid=$gateway; }
    printf '\n== %s, 24 calls, %s in a room\n' "$who" "$per_room"
    "$work/siplat" -target "127.0.0.1:$port" -uri "sip:9$round%d@127.0.0.1" -calls 24 -per-room "$per_room" -rate 8 -hold "${HOLD:-30s}" \
      -watch "$who=$pid" | tee "$work/$who-$per_room.txt"
  done
  awk -v a="$(cost gateway "$work/gateway-$per_room.txt")" -v b="$(cost relay "$work/relay-$per_room.txt")" -v n="$per_room" \
    'BEGIN { printf "\n%s in a room: gateway %.3f %% of a core a call, relay %.3f %%, ratio %.2f\n", n, a, b, a / b }'
done
