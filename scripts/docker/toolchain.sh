#!/bin/bash
# In the image: what building needs, and FFmpeg.
set -euo pipefail
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# Debian's Go is older than go.mod asks for and fetches the right one by itself.
apt-get -y -qq install --no-install-recommends ca-certificates git golang-go make >/dev/null
scripts/deps.sh build
scripts/ffmpeg.sh >/dev/null
