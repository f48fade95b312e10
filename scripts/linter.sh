#!/usr/bin/env bash
# Builds the pinned golangci-lint into the user's cache unless it is there, and prints its path.
# It comes through the Go module system, so its hash is checked like that of any dependency.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

version=v2.12.2
# A linter reads only code of a Go no newer than the one it was built with: another Go, another build.
stamp=$(printf '%s\n' "$version" "$(cd "$here/.." && go env GOVERSION)" | sha256sum | cut -c1-16)
prefix=$cache/golangci-lint-$stamp
if [ ! -x "$prefix/golangci-lint" ]; then
  locked golangci-lint
  if [ ! -x "$prefix/golangci-lint" ]; then
    say "building golangci-lint $version"
    toolchain=$(cd "$here/.." && go env GOVERSION)
    (cd / && GOFLAGS='' GOBIN="$prefix.new" GOTOOLCHAIN="$toolchain+auto" \
      nice -n 5 go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version")
    mv -T "$prefix.new" "$prefix"
  fi
fi
printf '%s\n' "$prefix/golangci-lint"
