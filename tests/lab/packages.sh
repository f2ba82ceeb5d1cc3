# shellcheck shell=bash
# Debian packages: programs that are installed, and files that only go into images. Sourced by up and by fixtures/labs/images/build.
# shellcheck source=tests/lab/state.sh
. "$(dirname "${BASH_SOURCE[0]}")/state.sh"

apt_quiet() {
  apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# The package lists of a fresh machine are empty or old, so a failure is worth one update.
apt_or_update() {
  apt_quiet "$@" >"$lab_state/apt.log" 2>&1 && return
  say "reading the package lists"
  apt_quiet update >>"$lab_state/apt.log" 2>&1 || true
  apt_quiet "$@" >>"$lab_state/apt.log" 2>&1 && return
  tail -n 5 "$lab_state/apt.log" >&2
  return 1
}

# Debian starts what it installs; the lab starts its Engine itself. A guard that is there already stays.
install_packages() (
  guard=/usr/sbin/policy-rc.d
  if [[ ! -e $guard ]]; then
    trap 'rm -f "$guard"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
  fi
  DEBIAN_FRONTEND=noninteractive apt_or_update install "$@"
)

# Unpacks packages and those of their dependencies that the machine lacks into a directory. Installs nothing.
unpack_packages() {
  local into=$1 archives="$lab_state/archives" deb
  shift
  mkdir -p "$archives/partial" "$into"
  apt_or_update install --download-only --no-upgrade -o APT::Sandbox::User=root -o Dir::Cache::archives="$archives" "$@" ||
    return
  for deb in "$archives"/*.deb; do
    if [[ -e $deb ]]; then dpkg-deb -x "$deb" "$into"; fi
  done
}

# Unpacks packages and all that they depend on, as if nothing were installed, into a directory whose bin, sbin and lib may be
# links. No maintainer scripts are carried out.
unpack_whole() { # DIRECTORY PACKAGE…
  local into=$1 archives="$lab_state/whole" options
  shift
  rm -rf "$archives"
  mkdir -p "$archives/partial"
  : >"$archives/status"
  options=(-o APT::Sandbox::User=root -o Dir::State::status="$archives/status" -o Dir::Cache::archives="$archives"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
  apt_or_update "${options[@]}" install --download-only "$@" || return
  # shellcheck disable=SC2016 # the inner shell's arguments
  find "$archives" -name '*.deb' -print0 | xargs -0 -n 8 -P 4 bash -c \
    'set -o pipefail; for deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$0" || exit 255; done' "$into" || return
  rm -rf "$archives"
}

# Compose v2 is not in Debian 12. Debian 13's plugin is one self-contained file, taken from the mirror that
# this machine already uses, with package lists of its own so that no other package can come from there.
unpack_compose() { # DIRECTORY
  local release=trixie apt="$lab_state/trixie" mirror
  mirror=$(debian_mirror)
  if [[ -z $mirror ]]; then # apt forgets its sources with its lists
    apt_quiet update >"$lab_state/apt.log" 2>&1 || true
    mirror=$(debian_mirror)
  fi
  [[ -n $mirror ]] || fail "no Debian mirror is configured for apt"
  mkdir -p "$apt/lists/partial" "$apt/archives"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$mirror" "$release" >"$apt/sources.list"
  local options=(-o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
  if ! { apt_quiet "${options[@]}" update && cd "$apt/archives" &&
    apt_quiet "${options[@]}" download docker-compose; } >"$lab_state/apt.log" 2>&1; then
    tail -n 5 "$lab_state/apt.log" >&2
    fail "docker-compose of Debian $release cannot be fetched"
  fi
  dpkg-deb -x "$apt"/archives/docker-compose_*.deb "$1"
}

# Where this machine gets its own release from, in whatever form its sources are written.
debian_mirror() {
  local own
  own=$(. /etc/os-release && printf %s "$VERSION_CODENAME")
  # shellcheck disable=SC2016 # apt's variables, not the shell's
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' |
    awk -v own="$own" '$2 == own && $3 == "main" && !found++ { print $1 }'
}
