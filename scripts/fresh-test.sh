#!/usr/bin/env bash
# Does what a newcomer does on a fresh Debian that has git, make, sudo and Go and nothing else: `make run` as an
# ordinary user, twice, and dials in by the health check; or `make test` as CI does, from nothing. Prints what each took.
#
#   scripts/fresh-test.sh bookworm         about 8 minutes and 3 GB in TMPDIR; also trixie
#   scripts/fresh-test.sh bookworm test    about 25 minutes and 6 GB
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"
cd "$here/.."
# shellcheck source=scripts/chroot.sh
. "$here/chroot.sh"

suite=${1:-bookworm}
run=()
debian "$suite" fresh
enter fresh root /
"${run[@]}" sh -c 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -y -qq install --no-install-recommends \
  ca-certificates git make sudo >/dev/null'
# The newcomer's Go: this machine's own, as Debian 12's cannot fetch a newer one.
cp -a "$(go env GOROOT)" "$work/fresh/usr/local/go"
ln -s /usr/local/go/bin/go /usr/local/go/bin/gofmt "$work/fresh/usr/local/bin/"
"${run[@]}" useradd --create-home --shell /bin/bash newcomer
printf 'newcomer ALL=(ALL) NOPASSWD: ALL\nDefaults env_keep += "GOPROXY npm_config_registry http_proxy https_proxy"\n' >"$work/fresh/etc/sudoers.d/newcomer"
tree "$work/fresh/home/newcomer/legroom"
"${run[@]}" chown -R newcomer:newcomer /home/newcomer
enter fresh newcomer /home/newcomer/legroom

if [ "${2:-run}" = test ]; then
  enter fresh root /home/newcomer/legroom
  began=$SECONDS
  "${run[@]}" make test
  say "make test on a fresh $suite: $((SECONDS - began)) s"
  exit
fi

began=$SECONDS
"${run[@]}" make build
say "make build on a fresh $suite: $((SECONDS - began)) s"
began=$SECONDS
serve "${run[@]}" make run
healthy "${run[@]}" bin/legroom health --config configs/demo.yaml
say "make run afterwards: healthy after $((SECONDS - began)) s"
sed 's/^/   /' "$work/serve.log"
pid=$(pgrep -P "$server" || true)
kill -TERM "${pid:-$server}"
wait "$server" || true
server=''
