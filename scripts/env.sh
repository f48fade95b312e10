#!/usr/bin/env bash
# Prints the shell settings that building Legroom needs, so that plain go commands work too:
#
#   eval "$(make -s env)"
#
# FFMPEG=system takes the FFmpeg 7.1 of the system (Debian 13: packages libav*-dev and libsw*-dev) and builds none.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

# The Opus binding would otherwise ask for libopusfile, which reads files and is of no use here.
# Flags that the user has set stay; a -tags on the command line replaces this one, so name nolibopusfile there too.
flags=$(cd / && go env GOFLAGS)
case " $flags " in *nolibopusfile*) ;; *) flags="${flags:+$flags }-tags=nolibopusfile" ;; esac
printf 'export GOFLAGS=%q\n' "$flags"

if [ "${FFMPEG:-built}" = system ]; then
  version=$(pkg-config --modversion libavcodec 2>/dev/null || true)
  case $version in
    61.*) ;;
    *) die "FFMPEG=system needs FFmpeg 7.1 (libavcodec 61); pkg-config finds ${version:-none}" ;;
  esac
else
  prefix=$("$here/ffmpeg.sh" --prefix)
  # Go's build cache does not look at what pkg-config answers: without a flag that changes with FFmpeg it would go on
  # linking the one before, or one that is no longer there.
  cflags=$(go env CGO_CFLAGS)
  printf 'export CGO_CFLAGS=%q\n' "${cflags% -DLEGROOM_FFMPEG=*} -DLEGROOM_FFMPEG=${prefix##*-}"
  printf 'export PKG_CONFIG_PATH=%q\n' "$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:${PKG_CONFIG_PATH//$prefix\/lib\/pkgconfig/}}"
fi
