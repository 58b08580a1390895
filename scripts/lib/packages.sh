# Installs what is missing and nothing else. Sourced.
# shellcheck shell=bash

# What the service is built from, what its servers are, what tests and checks need besides.
PACKAGES_BUILD=(g++ cmake ninja-build pkg-config libpq-dev rapidjson-dev libconcurrentqueue-dev libhiredis-dev
  libcivetweb-dev libspdlog-dev libssl-dev)
PACKAGES_TEST=(libgtest-dev libgmock-dev python3 python3-pytest python3-pytest-xdist python3-psycopg2 python3-redis
  python3-jsonschema procps openssl)
# shellcheck disable=SC2034  # used by the checks
PACKAGES_CHECK=(clang libclang-rt-dev clang-format shellcheck git)

PACKAGES_BENCH=(libbenchmark-dev git python3 python3-psycopg2 python3-redis procps)

# packages_servers: the packages for PostgreSQL with wal2json and for Redis, one a line; none where both are there.
# redis-tools holds the server too (redis-check-rdb is the same program), without a service that starts at boot.
packages_servers() {
  if ! find_postgres_bin >/dev/null; then
    local version
    version=$(release_postgres_version)
    printf '%s\n' "postgresql-$version" "postgresql-$version-wal2json"
  fi
  find_redis_server >/dev/null || printf '%s\n' redis-tools
}

# The folder of the newest PostgreSQL that has wal2json.
find_postgres_bin() {
  local lib found=
  for lib in $(printf '%s\n' /usr/lib/postgresql/*/lib/wal2json.so | sort -V); do
    [ -x "${lib%/lib/*}/bin/postgres" ] && found=${lib%/lib/*}/bin
  done
  [ -n "$found" ] && printf '%s\n' "$found"
}

# REDIS_SERVER, a program's path, where it is set: another Redis than the installed one, or Valkey.
find_redis_server() {
  if [ -n "${REDIS_SERVER:-}" ]; then
    command -v "$REDIS_SERVER" || die "REDIS_SERVER=$REDIS_SERVER is no program"
  else
    command -v redis-server || command -v redis-check-rdb
  fi
}

# The PostgreSQL of this release of Debian or Ubuntu.
release_postgres_version() {
  local codename
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  case "$codename" in
    bookworm) echo 15 ;;
    trixie) echo 17 ;;
    jammy) echo 14 ;;
    noble) echo 16 ;;
    *) apt-cache search --names-only '^postgresql-[0-9]+-wal2json$' | grep -oE '[0-9]+' | sort -n | tail -1 ;;
  esac
}

package_is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_packages NAMES...: prints the line it runs before it runs it. Nothing missing: no apt, nothing printed.
install_packages() {
  local missing=() name
  command -v dpkg-query >/dev/null || die "this needs Debian or Ubuntu (apt): install by hand: $*"
  for name in "$@"; do
    package_is_installed "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "apt-get install -y --no-install-recommends --no-upgrade ${missing[*]}"

  local as_root=()
  if ! is_root; then
    command -v sudo >/dev/null || die "These packages are missing, and this is neither root nor is there sudo: run the line above as root."
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1)
  "${as_root[@]}" apt-get update -qq || warn "apt-get update failed; going on with the package lists that are there"
  suppress_main_cluster "${missing[@]}"
  local words status=0
  words=$("${as_root[@]}" apt-get install -y -qq --no-install-recommends --no-upgrade "${missing[@]}" 2>&1 </dev/null) || status=$?
  allow_main_cluster
  [ $status -eq 0 ] || die "$words" "apt-get failed"
}

# A fresh install of PostgreSQL makes a cluster that listens on 5432, now and after every boot. Not through us.
NO_MAIN_CLUSTER=/etc/postgresql-common/createcluster.d/hash-realtime.conf
suppress_main_cluster() {
  case " $* " in *" postgresql-"*) ;; *) return ;; esac
  "${as_root[@]}" mkdir -p "${NO_MAIN_CLUSTER%/*}"
  echo 'create_main_cluster = false' | "${as_root[@]}" tee "$NO_MAIN_CLUSTER" >/dev/null
}
allow_main_cluster() {
  [ ! -e "$NO_MAIN_CLUSTER" ] || "${as_root[@]}" rm -f "$NO_MAIN_CLUSTER"
}

# install_for GROUP...: build, test, check, bench, servers.
install_for() {
  local group packages=()
  for group in "$@"; do
    case "$group" in
      build) packages+=("${PACKAGES_BUILD[@]}") ;;
      test) packages+=("${PACKAGES_TEST[@]}") ;;
      check) packages+=("${PACKAGES_CHECK[@]}") ;;
      bench) packages+=("${PACKAGES_BENCH[@]}") ;;
      servers) mapfile -t -O "${#packages[@]}" packages < <(packages_servers) ;;
    esac
  done
  install_packages "${packages[@]}"
}

# unpacked_program PACKAGE PATH [PATTERN]: prints where the program PATH of a package is: on this machine, or unpacked below
# build/packages with those of its libraries that PATTERN (extended) matches. For programs whose package would start a service.
unpacked_program() {
  local package=$1 path=$2 folder=$ROOT/build/packages/$1 libraries=() file
  if [ -x "/$path" ]; then
    printf '/%s\n' "$path"
    return
  fi
  if [ ! -x "$folder/$path" ]; then
    require_writable_build
    [ -z "${3:-}" ] || mapfile -t libraries < <(apt-cache depends "$package" | sed -nE "s/.*Depends: ($3)\$/\1/p")
    mkdir -p "$folder"
    (cd "$folder" && apt-get download -qq "$package" "${libraries[@]}" &&
      for file in *.deb; do dpkg -x "$file" . && rm "$file"; done) >&2 || return
  fi
  printf '%s\n' "$folder/$path"
}
