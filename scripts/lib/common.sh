# What every script here shares. Sourced, never run. After it: the current folder is the repository's root.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ROOT=$PWD

say() { printf '%s\n' "$@"; } # a line for each argument
warn() { say "$@" >&2; }
die() {
  warn "$@"
  exit 1
}

is_root() { [ "$(id -u)" -eq 0 ]; }

# The sources are usable by one who may not write into them, the build is not.
require_writable_build() {
  mkdir -p build 2>/dev/null || true
  [ -w build ] || die "$ROOT/build is not writable for $(id -un): clone the repository for this user"
}
