#!/usr/bin/env bash
# Formats Go, and fixes in TypeScript what ESLint can fix.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

linter=$("$here/linter.sh")
cd "$here/.."
"$linter" fmt ./...
node=$("$here/node.sh")
"$here/web.sh" build
cd web
PATH="$node:$PATH" npx --no-install eslint --fix .
