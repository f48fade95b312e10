#!/usr/bin/env bash
# Builds the FFmpeg 7.1 that Legroom links: static, small, and without GPL code unless asked for.
#
#   scripts/ffmpeg.sh            build it into the user's cache unless it is there; prints the prefix
#   scripts/ffmpeg.sh --prefix   print the prefix and do nothing
#
# Environment:
#   X264=1     link libx264 too; whatever is linked with this FFmpeg is then under the GPL
#   JOBS=2     jobs of make, default all cores
#   FORCE=1    build although it is there
#   CODENAME   Debian suite whose source package is taken, default trixie
#
# The prefix carries a stamp of everything that shapes the result: this list of components, the options and the versions
# of the libraries, so a change builds anew beside the old one. The mirror's address is read from this machine's own apt
# settings. apt verifies the chain: signed InRelease, hash of the source index, hash of the tarball.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/lib.sh"

codename=${CODENAME:-trixie}
jobs=${JOBS:-$(nproc)}
want=7.1

# Components, by FFmpeg's own classes. Only what some package of Legroom opens by name, or what graphics cards decode with:
# a hwaccel is the card's part of the decoder before the underscore.
decoders=(h264 hevc vp8 vp9 av1 libdav1d)
encoders=(libopenh264 libvpx_vp8 libvpx_vp9
  h264_vaapi hevc_vaapi vp8_vaapi vp9_vaapi av1_vaapi h264_nvenc hevc_nvenc av1_nvenc)
hwaccels=(h264_vaapi hevc_vaapi vp8_vaapi vp9_vaapi av1_vaapi h264_nvdec hevc_nvdec vp8_nvdec vp9_nvdec av1_nvdec)
filters=(scale_vaapi overlay_vaapi xstack_vaapi)
parsers=(h264 vp8 vp9 av1)
libraries=(openh264 vpx dav1d libva libdrm)
# VAAPI by render nodes alone, as there is no X server. Of NVIDIA only headers are needed to build; its libraries are looked
# for when a card is opened, and who has none is told so then.
args=(--disable-autodetect --enable-pthreads --enable-static --disable-shared --enable-pic --disable-debug
  --disable-doc --disable-programs --disable-network --disable-postproc --disable-everything
  --enable-libopenh264 --enable-libvpx --enable-libdav1d
  --enable-libdrm --enable-vaapi --enable-ffnvcodec --enable-cuda --enable-nvenc --enable-nvdec)
if [ "${X264:-0}" = 1 ]; then
  args+=(--enable-gpl --enable-libx264)
  encoders+=(libx264)
  libraries+=(x264)
fi
add() { local kind=$1 name; shift; for name in "$@"; do args+=("--enable-$kind=$name"); done; }
add decoder "${decoders[@]}"
add encoder "${encoders[@]}"
add hwaccel "${hwaccels[@]}"
add filter "${filters[@]}"
add parser "${parsers[@]}"

versions=$(pkg-config --modversion "${libraries[@]}" 2>/dev/null) ||
  die "a library is missing (${libraries[*]}): run 'scripts/deps.sh build' first"
stamp=$(printf '%s\n' "$want" "$codename" "${args[@]}" "$versions" | sha256sum | cut -c1-16)
prefix=$cache/ffmpeg-$stamp
work=$prefix.work
if [ "${1:-}" = --prefix ]; then printf '%s\n' "$prefix"; exit 0; fi

built() { [ "${FORCE:-0}" != 1 ] && [ -f "$prefix/.complete" ]; }
if built; then printf '%s\n' "$prefix"; exit 0; fi

# Two makes at the same time must not build into one folder: the second waits and finds it done.
locked ffmpeg
if built; then printf '%s\n' "$prefix"; exit 0; fi

# fetch puts FFmpeg's source into $work/source and NVIDIA's headers into $work/headers. Those of Debian 12 are too old for
# this FFmpeg, so they come from the same suite.
fetch() {
  local apt=$work/apt host targets main security keyring lists=()
  rm -rf "$apt" "$work/source" "$work/headers"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download" "$apt/hostlists/partial" \
    "$work/source" "$work/headers"
  # shellcheck source=/dev/null
  host=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  # shellcheck disable=SC2016 # apt expands these, not the shell
  targets() { apt-get "${lists[@]}" indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages'; }
  targets=$(targets)
  if [ -z "$targets" ]; then
    # apt lists no target before the machine's indexes have been read once; read them into a folder of our own.
    lists=(-o "Dir::State::lists=$apt/hostlists" -o APT::Sandbox::User=root)
    apt-get "${lists[@]}" -qq update
    targets=$(targets)
  fi
  main=$(awk -v r="$host" '$1==r && $2=="main" {print $3; exit}' <<<"$targets")
  security=$(awk -v r="$host-security" '$1==r && $2=="main" {print $3; exit}' <<<"$targets")
  [ -n "$main" ] || die "apt knows no '$host main' archive here: is this Debian 12 or 13?"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -s "$keyring" ] || die "no Debian archive keyring: install the package debian-archive-keyring"
  {
    printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$main" "$codename"
    [ -z "$security" ] || printf 'deb-src [signed-by=%s] %s %s-security main\n' "$keyring" "$security" "$codename"
  } >"$apt/sources.list"
  : >"$apt/status"
  # A file given with -c is read after the machine's own settings, so its proxies stay; hooks that empty the machine's
  # package cache after an update (container images have them) are dropped.
  cat >"$apt/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
CONF
  say "fetching the source package of $codename"
  apt-get -c="$apt/apt.conf" -qq update
  # The upstream tarballs are all that is needed: the suite's packages carry no patches.
  (cd "$apt/download" && apt-get -c="$apt/apt.conf" -qq source --download-only --tar-only ffmpeg nv-codec-headers >/dev/null)
  tar -C "$work/source" --strip-components=1 -xf "$apt"/download/ffmpeg_*.orig.tar.*z
  tar -C "$work/headers" --strip-components=1 -xf "$apt"/download/nv-codec-headers_*.orig.tar.*z
  rm -rf "$apt"
}

# verify fails where configure only warns: an unknown component, or one dropped because something it needs is missing.
verify() {
  local missing=() name
  if grep 'did not match anything' configure.out >&2; then die "configure does not know a component"; fi
  need() { local kind=$1; shift; for name in "$@"; do
    grep -qi "^#define CONFIG_${name}_${kind} 1" config_components.h || missing+=("$kind $name"); done; }
  need decoder "${decoders[@]}"
  need encoder "${encoders[@]}"
  need hwaccel "${hwaccels[@]}"
  need filter "${filters[@]}"
  need parser "${parsers[@]}"
  [ ${#missing[@]} -eq 0 ] || die "configured without: ${missing[*]}"
}

mkdir -p "$work"
fetch
release=$(cat "$work/source/RELEASE")
case $release in "$want" | "$want".*) ;; *) die "suite $codename has FFmpeg $release, not $want" ;; esac

make -s -C "$work/headers" PREFIX="$work/nvidia" install >/dev/null
export PKG_CONFIG_PATH="$work/nvidia/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
if command -v ccache >/dev/null; then args+=("--cc=ccache gcc"); fi
mkdir -p "$work/build"
cd "$work/build"
say "configuring FFmpeg $release"
"$work/source/configure" --prefix="$prefix" "${args[@]}" >configure.out 2>&1 ||
  { tail -20 configure.out ffbuild/config.log >&2; die "configure failed, see $work/build"; }
verify
say "building FFmpeg $release with $jobs jobs"
nice -n 5 make -s -j"$jobs" >make.out 2>&1 || { tail -30 make.out >&2; die "make failed, see $work/build/make.out"; }
rm -rf "$prefix"
make -s install >install.out 2>&1 || { tail -20 install.out >&2; die "install failed"; }
printf '%s\n' "$release" >"$prefix/.complete"
cd /
rm -rf "$work"
say "FFmpeg $release is ready"
printf '%s\n' "$prefix"
