#!/bin/bash
# In the image that is shipped: the linked libraries, drivers of graphics cards in VA_DRIVERS, and a user without rights.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
mapfile -t packages </tmp/packages
read -ra drivers <<<"${VA_DRIVERS:-}"
apt-get -y -qq install --no-install-recommends ca-certificates "${packages[@]}" "${drivers[@]}" >/dev/null
rm -rf /var/lib/apt/lists/* /tmp/packages /tmp/runtime.sh
groupadd --system --gid 950 legroom
useradd --system --uid 950 --gid legroom --no-create-home --home-dir /var/lib/legroom --shell /usr/sbin/nologin legroom
install -d -o legroom -g legroom -m 0750 /var/lib/legroom
