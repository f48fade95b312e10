#!/usr/bin/env bash
# Builds bin/legroom with all it needs: packages, FFmpeg, the web client. Quick when nothing changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

"$here/go.sh"
"$here/deps.sh" build
[ "${FFMPEG:-built}" = system ] || "$here/ffmpeg.sh" >/dev/null
settings=$("$here/env.sh")
eval "$settings"
"$here/web.sh" build
cd "$here/.."
# The commit goes into the binary where git can tell it (not in an unpacked archive, not in somebody else's clone).
vcs=auto
git status --short >/dev/null 2>&1 || vcs=false
go build -buildvcs=$vcs -o bin/legroom ./cmd/legroom
