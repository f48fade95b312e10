#!/usr/bin/env bash
# How an encrypted room does with many people, measured in a real Chromium; each figure beside its goal and the machine's load.
#
#   scripts/scale.sh [PART...]    all parts take about two minutes
#
# adding    a worker adds one to 199 others, by the client's own code, and applies such a commit; beside the bare library
# joining   a page comes late into a room of 49, three of whom speak and show themselves: from the host's tap until it hears and sees
# watching  a page shows 25 videos: how long each frame is held up by being opened
#
# The 49 are one process that has the client's group, and a connection to the real gateway for each; what they show and say comes from
# test/scale/publisher, stored once and sealed for each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."

if [ ! -x /usr/bin/chromium ]; then
  say "there is no Chromium here, so nothing is said of many people in a room: scripts/deps.sh test installs it"
  exit 0
fi
node=$("$here/node.sh")
publisher=$(mktemp)
trap 'rm -f "$publisher"' EXIT
go build -o "$publisher" ./test/scale/publisher
PATH="$node:$PATH" node web/test/scale/run.mjs "$publisher" "$PWD/bin/legroom" "$@"
