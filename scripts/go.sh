#!/usr/bin/env bash
# Says in words what is wrong with this machine's Go, where something is; silent where it serves.
# Go 1.21 and newer fetch the toolchain that go.mod names by themselves.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

advice="install Go 1.21 or newer, from Debian 13, from Debian 12's backports (package golang-1.23-go or newer) or from Go's own site"
command -v go >/dev/null || die "there is no Go here: $advice"

# From outside the module, or a Go that is too old trips over go.mod before it tells its version.
version=$(GOTOOLCHAIN=local go -C / env GOVERSION 2>/dev/null || true)
[ -n "$version" ] || version=$(cd /; go version | cut -d' ' -f3)
minor=${version#go1.}
minor=${minor%%[.a-z -]*}
case $version in
  go1.*) [ "$minor" -ge 21 ] || die "Go here is ${version#go}, as Debian 12 has it: too old to fetch a newer one by itself; $advice" ;;
  devel*) ;;
  *) die "cannot read the version of Go ('$version'): $advice" ;;
esac

wanted=$(awk '$1 == "go" {print $2; exit}' "$here/../go.mod")
if [ "$(go env GOTOOLCHAIN)" = local ] && [ "$minor" -lt "$(cut -d. -f2 <<<"$wanted")" ]; then
  die "Go here is ${version#go}, go.mod asks for $wanted, and GOTOOLCHAIN=local forbids to fetch it: unset GOTOOLCHAIN"
fi
