#!/bin/bash
# In the image: builds the program and writes down which Debian packages it links at run time.
set -euo pipefail
cd "$(dirname "$0")/../.."
make build
mkdir -p /out/licences
cp bin/legroom /out/legroom
cp LICENSE /out/licences/
bin/legroom version >/out/licences/linked
# The C library is in every image; every other library is in the package that owns its file.
ldd bin/legroom | awk '$3 ~ /^\// {print $3}' | while read -r library; do
  dpkg-query -S "$(realpath "$library")" "$library" 2>/dev/null | head -n 1 | cut -d: -f1
done | sort -u | grep -vx libc6 >/out/packages
cat /out/packages
