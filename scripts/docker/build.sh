#!/bin/bash
# In the image: builds the program and writes down which Debian packages it links at run time.
set -euo pipefail
cd "$(dirname "$0")/../.."
make build
mkdir -p /out/licences
cp bin/legroom /out/legroom
cp LICENSE /out/licences/
bin/legroom version >/out/licences/linked
# owner prints the package that a library's file belongs to; the merged /usr has two names for it.
owner() {
  local name
  for name in "$(realpath "$1")" "$1" "/usr$1"; do
    if dpkg-query -S "$name" 2>/dev/null | cut -d: -f1; then return; fi
  done
  echo "no package owns $1" >&2
  return 1
}

# The C library is in every image.
libraries=$(ldd bin/legroom | awk '$3 ~ /^\// {print $3}')
for library in $libraries; do owner "$library"; done | sort -u | grep -vx libc6 >/out/packages
cat /out/packages
