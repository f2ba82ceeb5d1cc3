# shellcheck shell=bash
# Builds the lab's images from files of this machine and of Debian packages: no registry, no base image. Sourced by up.
# shellcheck source=tests/lab/state.sh
. "$(dirname "${BASH_SOURCE[0]}")/state.sh"

labs="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../fixtures/labs" && pwd)"

# What an image is made of, as one digest; an image that carries it is up to date.
recipe() { cat "$@" "${BASH_SOURCE[0]}" | sha256sum | cut -d' ' -f1; }

up_to_date() { # IMAGE DIGEST
  [[ $(docker image inspect --format "{{index .Config.Labels \"$lab.recipe\"}}" "$1" 2>/dev/null) == "$2" ]]
}

# Turns a directory into an image. Owners and times are fixed: whoever builds, root or not, gets the same.
import_image() { # IMAGE DIGEST DIRECTORY [CHANGE…]
  local image=$1 digest=$2 root=$3 changes=() change
  shift 3
  for change in "LABEL $lab=image" "LABEL $lab.recipe=$digest" "$@"; do changes+=(--change "$change"); done
  tar -C "$root" --owner=0 --group=0 --numeric-owner --sort=name --mtime=@0 -c . |
    docker import "${changes[@]}" - "$image" >/dev/null
  say "built $image ($(docker image inspect --format '{{.Size}}' "$image" | awk '{ printf "%.1f MB", $1 / 1e6 }'))"
}

# The directories and accounts that programs expect. Numbers as in the official images of PostgreSQL.
base_directory() {
  mkdir -p "$1"/{data,dev,etc,proc,root,run,sys,tmp,usr/bin,usr/lib,usr/lib64,var/lib}
  chmod 1777 "$1/tmp"
  ln -s usr/bin "$1/bin"
  ln -s usr/bin "$1/sbin"
  ln -s usr/lib "$1/lib"
  ln -s usr/lib64 "$1/lib64"
  printf '%s\n' root:x:0:0::/root:/bin/sh postgres:x:999:999::/var/lib/postgresql:/bin/sh \
    redis:x:998:998::/data:/bin/sh >"$1/etc/passwd"
  printf '%s\n' root:x:0: postgres:x:999: redis:x:998: >"$1/etc/group"
  printf 'hosts: files dns\n' >"$1/etc/nsswitch.conf"
}

# Copies a file or directory, following links, out of the unpacked packages or else from the machine.
add() { # DIRECTORY PATH
  local place=$packages$2
  if [[ ! -e $place ]]; then place=$2; fi
  [[ -e $place ]] || fail "$2 is neither on this machine nor in the unpacked packages"
  mkdir -p "$(dirname "$1$2")"
  cp -RL "$place" "$1$2"
}

add_busybox() {
  local applet
  add "$1" /bin/busybox
  for applet in $("$1/bin/busybox" --list); do
    if [[ ! -e $1/usr/bin/$applet ]]; then ln -s busybox "$1/usr/bin/$applet"; fi
  done
}

# Copies programs, then every shared library that they name, to the places where they look for them.
add_programs() { # DIRECTORY PROGRAM…
  local root=$1 file library search
  shift
  for file in "$@"; do add "$root" "$file"; done
  search=$(printf '%s:' "$packages"/{,usr/}lib/*-linux-gnu)
  for file in "$@"; do
    while read -r library; do
      mkdir -p "$root$(dirname "${library#"$packages"}")"
      cp -L "$library" "$root${library#"$packages"}"
    done < <(LD_LIBRARY_PATH=$search ldd "$root$file" | tee "$lab_state/ldd" | grep -oE '/[^ ]+\.so[^ ]*' | sort -u)
    if grep -q 'not found' "$lab_state/ldd"; then fail "$file lacks:" "$(grep 'not found' "$lab_state/ldd")"; fi
  done
}

build_tools() { # IMAGE DIGEST
  base_directory "$work/tools"
  add_busybox "$work/tools"
  import_image "$1" "$2" "$work/tools" 'ENV PATH=/usr/bin' 'CMD ["sh"]'
}

build_data() { # IMAGE DIGEST
  local root="$work/data" pg=/usr/lib/postgresql/15 share=/usr/share/postgresql/15 name programs=()
  base_directory "$root"
  for name in createdb dropdb initdb pg_{archivecleanup,basebackup,checksums,controldata,ctl,dump,dumpall,isready,receivewal,resetwal,restore,rewind,verifybackup,waldump} postgres psql; do
    programs+=("$pg/bin/$name")
  done
  for name in dict_snowball libpqwalreceiver pgoutput plpgsql; do programs+=("$pg/lib/$name.so"); done
  # redis-server and redis-check-rdb are one program; so the second name works as well.
  add_programs "$root" "${programs[@]}" /usr/bin/{redis-check-rdb,redis-cli,curl,locale}
  ln -s redis-check-rdb "$root/usr/bin/redis-server"
  ln -s redis-check-rdb "$root/usr/bin/redis-check-aof"
  add "$root" "$share"
  rm -rf "$root$share"/{contrib,man}
  find "$root$share/extension" -type f ! -name 'plpgsql*' -delete
  add "$root" /usr/share/zoneinfo/Etc
  add "$root" /usr/share/zoneinfo/UTC
  add "$root" /usr/lib/locale/C.utf8
  install -m 755 "$labs"/data/start-* "$root/usr/bin/"
  add_busybox "$root"
  import_image "$1" "$2" "$root" "ENV PATH=$pg/bin:/usr/bin" 'ENV PGHOST=/tmp' 'ENV PGUSER=postgres' \
    'ENV PGDATA=/var/lib/postgresql/data' 'ENV LANG=C.UTF-8' 'CMD ["sh"]'
}

# Four versions of one program; they differ in what their environment tells it to do.
build_app() { # IMAGE DIGEST
  local root="$work/app"
  if [[ ! -d $root ]]; then
    mkdir -p "$root/data" "$root/tmp"
    rustc --edition 2024 -O -C target-feature=+crt-static -C strip=symbols -C panic=abort -o "$root/app" "$labs/notes/app/main.rs"
  fi
  local changes=("ENV VERSION=${1##*:}" 'CMD ["/app"]' 'EXPOSE 8000')
  case $1 in
    *-crash) changes+=('ENV CRASH=1') ;;
    *-unhealthy) changes+=('ENV UNHEALTHY=1') ;;
  esac
  import_image "$1" "$2" "$root" "${changes[@]}"
}

build_images() (
  app=$(recipe "$labs/notes/app/main.rs")
  data=$(recipe "$labs"/data/start-*)
  packages="$lab_state/packages" stale=()
  for image in tools:1 data:1 app:v1 app:v2 app:v3-crash app:v4-unhealthy; do
    if [[ $image == app:* ]]; then digest=$app; else digest=$data; fi
    up_to_date "$lab/$image" "$digest" || stale+=("$lab/$image $digest")
  done
  [[ ${#stale[@]} -gt 0 ]] || return 0

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if [[ ${stale[*]} == */app:* ]]; then
    command -v rustc >/dev/null || fail "rustc is missing: it compiles $lab/app"
  fi
  if [[ ${stale[*]} == */data:* || ${stale[*]} == */tools:* ]]; then
    say "fetching what the images need and this machine lacks (PostgreSQL, Redis, busybox, curl)"
    unpack_packages "$packages" postgresql-15 redis-server busybox-static curl || fail "these packages cannot be fetched"
  fi
  for image in "${stale[@]}"; do
    read -r image digest <<<"$image"
    case ${image#"$lab/"} in
      tools:*) build_tools "$image" "$digest" ;;
      data:*) build_data "$image" "$digest" ;;
      app:*) build_app "$image" "$digest" ;;
    esac
  done
  # What the new images replaced has no name any more.
  docker image prune --force --filter "label=$lab" >/dev/null
)
