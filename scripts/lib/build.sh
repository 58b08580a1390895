# Configures and builds, quietly where all goes well. Sourced.
# shellcheck shell=bash

# As many jobs as cores, and about 1 GiB of free memory for each.
build_jobs() {
  local cores memory_gib
  cores=$(nproc)
  memory_gib=$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1048576))
  local jobs=$((cores < memory_gib ? cores : memory_gib))
  echo $((jobs > 0 ? jobs : 1))
}

# show_progress LOG: every 15 s, for as long as the script lives, how far ninja is by its words in LOG.
show_progress() {
  local tick=0 step last=
  while [ -d "/proc/$$" ]; do
    sleep 1 >/dev/null
    [ $((tick = (tick + 1) % 15)) -eq 0 ] || continue
    step=$(tail -c 4000 "$1" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -1) || true
    if [ -n "$step" ] && [ "$step" != "$last" ]; then say "  $step"; fi
    last=$step
  done
}

# build FOLDER CMAKE_OPTIONS...: builds everything into build/FOLDER. The compilers' words go to build/FOLDER.log
# and are shown only when something fails.
build() {
  local folder=build/$1 progress status=0
  shift
  require_writable_build
  # ccache needs a folder that can be written; an account without a home has none.
  [ -w "${CCACHE_DIR:-${HOME:-/}}" ] || export CCACHE_DIR=$ROOT/build/ccache
  # A clone elsewhere finds what this one compiled.
  export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1
  local jobs
  jobs=$(build_jobs)
  say "Building $folder with $jobs jobs (the first time takes some minutes; $folder.log has the compilers' words)"
  : >"$folder.log"
  show_progress "$folder.log" &
  progress=$!
  { cmake -S . -B "$folder" -G Ninja "$@" && cmake --build "$folder" -j "$jobs"; } >"$folder.log" 2>&1 || status=$?
  kill "$progress" 2>/dev/null || true
  wait "$progress" 2>/dev/null || true
  if [ $status -ne 0 ]; then
    grep -E -A2 '(error|Error): |undefined reference|^CMake Error|^FAILED' "$folder.log" | head -40 >&2
    die "The build failed: $folder.log has it all."
  fi
}
