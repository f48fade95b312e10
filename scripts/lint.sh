#!/usr/bin/env bash
# Lints Go with the pinned golangci-lint, the TypeScript with its own checks, and the shell scripts where shellcheck is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

"$here/build.sh"
settings=$("$here/env.sh")
eval "$settings"
linter=$("$here/linter.sh")
cd "$here/.."
"$linter" run --timeout 15m ./...
"$here/web.sh" check
if command -v shellcheck >/dev/null; then shellcheck -x scripts/*.sh .ci/run; fi
