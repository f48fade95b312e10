# shellcheck shell=bash
# Fresh Debian folders to try things in; sourced by scripts that test a bare machine or the Dockerfile. Needs root,
# debootstrap and iproute2. KEEP=1 leaves the folders for a look.

[ "$(id -u)" = 0 ] || die "chroot needs root"
for program in debootstrap ip; do command -v "$program" >/dev/null || die "no $program: run 'scripts/deps.sh soak test'"; done
work=$(mktemp -d)
chmod 755 "$work"
# A network of its own, so that what is served in there meets no port of this machine and is reached by nobody.
network=legroom-$$
server=''

leave() {
  local folder
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  ip netns delete "$network" 2>/dev/null || true
  for folder in "$work"/*/; do
    umount -q "$folder/proc" 2>/dev/null || true
    umount -q "$folder/dev" 2>/dev/null || true
  done
  if [ "${KEEP:-0}" = 1 ]; then say "folders are in $work"; return; fi
  # A mount that stayed must not be emptied.
  if grep -q " $work/" /proc/mounts; then say "something is still mounted below $work"; else rm -rf "$work"; fi
}
trap leave EXIT

# access is how this machine reaches its package sources, as settings for the commands in the folder.
machine() {
  printf '%s\n' "GOPROXY=$(go env GOPROXY)" "GOSUMDB=$(go env GOSUMDB)" "GONOSUMDB=$(go env GONOSUMDB)"
  if command -v npm >/dev/null; then printf 'npm_config_registry=%s\n' "$(npm config get registry 2>/dev/null)"; fi
  # The certificates that this machine trusts, whatever the fresh system installs of its own.
  printf '%s=/etc/ssl/machine.crt\n' SSL_CERT_FILE NODE_EXTRA_CA_CERTS npm_config_cafile
  env | grep -iE '^(https?|no)_proxy=' || true
}
mapfile -t access < <(machine)

# debian SUITE FOLDER makes a fresh, minimal Debian in $work/FOLDER, ready to be entered.
debian() {
  local base=$work/base-$1 mirror
  if [ ! -d "$base" ]; then
    # shellcheck disable=SC2016 # apt expands these, not the shell
    mirror=$(apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "main" {print $2; exit}')
    say "making a fresh Debian $1"
    debootstrap --variant=minbase "$1" "$base" "$mirror" >"$work/debootstrap.log" ||
      { tail "$work/debootstrap.log" >&2; die "debootstrap failed"; }
    # What an engine gives a container: names; and the machine's certificates.
    cp /etc/resolv.conf /etc/hosts "$base/etc/"
    mkdir -p "$base/etc/ssl"
    cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/machine.crt"
    printf '#!/bin/sh\nexit 101\n' >"$base/usr/sbin/policy-rc.d"
    chmod +x "$base/usr/sbin/policy-rc.d"
  fi
  cp -a "$base" "$work/$2"
  mount --bind /proc "$work/$2/proc"
  mount --bind /dev "$work/$2/dev"
}

# tree FOLDER copies what a clone of this checkout would hold into the folder; files not committed yet count too.
tree() {
  mkdir -p "$1"
  # shellcheck disable=SC2016 # the inner shell expands it
  git ls-files -z --cached --others --exclude-standard |
    xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' _ |
    tar -c --null -T - | tar -C "$1" -x --no-same-owner
}

# enter FOLDER USER WORKDIR SETTING... fills the list run, to be put before a command.
enter() {
  local folder=$work/$1 user=$2 workdir=$3 home=/tmp spec=()
  shift 3
  [ "$user" = root ] || spec=(--userspec="$user" --groups=)
  [ "$user" = root ] || home=$(awk -F: -v u="$user" '$1 == u {print $6}' "$folder/etc/passwd")
  # shellcheck disable=SC2034 # read by who sources this
  run=(chroot "${spec[@]}" "$folder" /usr/bin/env -i -C "$workdir"
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$home" "${access[@]}" "$@")
}

# serve RUN... starts a command in the network of its own as $server; what it prints goes to $work/serve.log.
serve() {
  ip netns add "$network"
  ip -n "$network" link set lo up
  # An address that is not loopback, as a container has one; it leads nowhere.
  ip -n "$network" link add eth0 type veth peer name nowhere
  ip -n "$network" address add 192.0.2.10/24 dev eth0
  ip -n "$network" link set eth0 up
  ip -n "$network" link set nowhere up
  ip netns exec "$network" "$@" >"$work/serve.log" 2>&1 &
  server=$!
}

# healthy RUN... waits up to 10 s until the check succeeds.
healthy() {
  for _ in $(seq 50); do
    kill -0 "$server" 2>/dev/null || { cat "$work/serve.log" >&2; die "it ended at once"; }
    if ip netns exec "$network" "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  cat "$work/serve.log" >&2
  die "the health check did not succeed within 10 s"
}

# ends asks $server to end and wants it to do so in good order.
ends() {
  local status=0
  kill -TERM "$server"
  wait "$server" || status=$?
  server=''
  [ $status = 0 ] || { cat "$work/serve.log" >&2; die "after SIGTERM it ended with $status"; }
}
