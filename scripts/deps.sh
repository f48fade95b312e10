#!/usr/bin/env bash
# Installs the Debian packages that Legroom needs, where they are missing. Works as root and as a user with sudo, on
# Debian 12 and 13; takes a tenth of a second when nothing is missing.
#
#   scripts/deps.sh build          compiler, codec libraries, npm: for make build and make run
#   scripts/deps.sh test           real SIP peers and the browser: for make test
#   scripts/deps.sh lint           what make lint needs on top
#   scripts/deps.sh soak           what make soak needs on top
#   scripts/deps.sh --list SET...  print the packages and install nothing
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

packages_of() {
  case $1 in
    build)
      printf '%s\n' build-essential ca-certificates pkg-config nasm xz-utils \
        libopenh264-dev libvpx-dev libdav1d-dev libopus-dev libva-dev libdrm-dev
      if [ "${X264:-0}" = 1 ]; then printf '%s\n' libx264-dev; fi
      # A Node from elsewhere brings its own npm, and Debian's package would clash with it.
      command -v npm >/dev/null || printf '%s\n' nodejs npm
      ;;
    lint) printf '%s\n' shellcheck ;;
    # baresip, Linphone and sipp are the phones; iproute2 sets up a network for them and the browser.
    test) printf '%s\n' baresip-core linphone-cli sip-tester chromium iproute2 ;;
    soak) printf '%s\n' debootstrap iproute2 ;;
    *) die "unknown set '$1': build, lint, test or soak" ;;
  esac
}

list=0
if [ "${1:-}" = --list ]; then list=1; shift; fi
[ $# -gt 0 ] || die "which set: build, lint, test or soak?"
command -v dpkg-query >/dev/null || die "this is no Debian: install what 'scripts/deps.sh --list build' names yourself"
wanted=()
for set in "$@"; do mapfile -t -O "${#wanted[@]}" wanted < <(packages_of "$set"); done
if [ $list = 1 ]; then printf '%s\n' "${wanted[@]}"; exit 0; fi

installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${wanted[@]}" 2>/dev/null || true)"
missing=()
for package in "${wanted[@]}"; do
  case $installed in *" installed=$package "*) ;; *) missing+=("$package") ;; esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

say "installing ${missing[*]}"
as_root apt-get -o DPkg::Lock::Timeout=600 -qq update
# None of these needs to run as a service, and nothing here may ask a question.
as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=600 -y -qq \
  install --no-install-recommends "${missing[@]}" >/dev/null ||
  die "apt could not install ${missing[*]}; 'apt-get install' of these by hand tells why"
