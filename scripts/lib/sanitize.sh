# Builds with clang and a sanitizer and runs the tests that need no servers. Sourced.
# shellcheck shell=bash

# sanitize FOLDER SANITIZERS
sanitize() {
  install_for build test check
  CC=clang CXX=clang++ build "$1" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=clang \
    -DCMAKE_CXX_COMPILER=clang++ -DREALTIME_SANITIZER="$2"
  # The thread sanitizer's memory layout does not suit every kernel's address randomization.
  local plain=()
  if setarch "$(uname -m)" -R true 2>/dev/null; then plain=(setarch "$(uname -m)" -R); fi
  "${plain[@]}" ctest --test-dir "build/$1" -j "$(nproc)" -LE live --output-on-failure --no-tests=error
}
