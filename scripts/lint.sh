#!/usr/bin/env bash
# Lints Go with the pinned golangci-lint, the TypeScript with its own checks, and the shell scripts with shellcheck.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

"$here/build.sh"
"$here/deps.sh" lint
settings=$("$here/env.sh")
eval "$settings"
linter=$("$here/linter.sh")
cd "$here/.."
# The linter's cache remembers whole paths: one for each checkout, or it speaks of files that are elsewhere or gone.
GOLANGCI_LINT_CACHE=$cache/lint-$(pwd | sha256sum | cut -c1-16)
export GOLANGCI_LINT_CACHE
"$linter" run --timeout 15m ./...
"$here/web.sh" check
shellcheck -x -P SCRIPTDIR scripts/*.sh scripts/docker/*.sh .ci/run
