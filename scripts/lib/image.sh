# Builds the Dockerfile and runs the image without a container engine: debootstrap for the base, buildah to build,
# unshare to run. Sourced; needs root.
#
# Base and layers are kept in build/image, so that a second run builds only what changed.
# shellcheck shell=bash

IMAGE_STORE=$ROOT/build/image
BASE_IMAGE=docker.io/library/debian:bookworm-slim

store() {
  local driver=overlay
  # An overlay cannot lie on another one.
  [ "$(stat -f -c %T "$ROOT/build")" != overlayfs ] || driver=vfs
  buildah --root "$IMAGE_STORE/storage" --runroot "$IMAGE_STORE/run" --storage-driver "$driver" "$@"
}

# What debian:bookworm-slim is, made from Debian's own packages: nothing is pulled.
make_base_image() {
  store inspect --type image "$BASE_IMAGE" >/dev/null 2>&1 && return
  say "Making $BASE_IMAGE with debootstrap"
  local tree=$IMAGE_STORE/base mirror container
  rm -rf "$tree"
  mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
  nice debootstrap --variant=minbase bookworm "$tree" "${mirror:-http://deb.debian.org/debian}" >"$IMAGE_STORE/debootstrap.log" 2>&1 ||
    die "debootstrap failed: $(tail -3 "$IMAGE_STORE/debootstrap.log")"
  # This machine's mirrors, with the security updates, where they are of the same release.
  if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release && [ -e /etc/apt/sources.list.d/debian.sources ]; then
    rm "$tree/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$tree/etc/apt/sources.list.d/"
  fi
  # "slim" leaves out what only a person at a terminal reads.
  printf 'path-exclude /usr/share/%s/*\n' doc man locale info lintian >"$tree/etc/dpkg/dpkg.cfg.d/slim"
  rm -rf "$tree"/usr/share/{doc,man,locale,info,lintian}/* "$tree"/var/{lib/apt/lists,cache/apt,cache/debconf,log}/* \
    "$tree"/etc/{resolv.conf,hostname}
  container=$(store from scratch)
  store add --quiet "$container" "$tree" / >/dev/null
  store config --cmd bash "$container"
  store commit --quiet --format docker "$container" "$BASE_IMAGE" >/dev/null
  store rm "$container" >/dev/null
  rm -rf "$tree"
}

# build_image NAME: from the Dockerfile; the words go to build/image/build.log.
build_image() {
  say "Building the image $1"
  store bud --isolation chroot --network host --pull=never --layers --format docker -t "$1" . >"$IMAGE_STORE/build.log" 2>&1 || {
    tail -40 "$IMAGE_STORE/build.log" >&2
    die "The image is not built: $IMAGE_STORE/build.log has it all."
  }
}

# mount_image NAME: sets IMAGE, CONTAINER, ROOTFS and IMAGE_ENVIRONMENT.
mount_image() {
  IMAGE=$1
  CONTAINER=$(store from --pull-never "$IMAGE")
  ROOTFS=$(store mount "$CONTAINER")
  mapfile -t IMAGE_ENVIRONMENT < <(image_config Env)
}

# Also what an earlier run left, when it was killed. Nothing stays mounted, so that build/ can be removed.
unmount_image() {
  store rm --all >/dev/null 2>&1 || true
  if mountpoint -q "$IMAGE_STORE/storage/overlay"; then umount "$IMAGE_STORE/storage/overlay" || true; fi
  # Every change of the sources leaves layers behind.
  [ "$(du -sm "$IMAGE_STORE" | cut -f1)" -lt 4000 ] || store rmi --prune >/dev/null 2>&1 || true
}

# image_config JSON_PATH...: a value of the image's configuration, as `docker inspect` shows it.
image_config() {
  store inspect --type image "$IMAGE" | /usr/bin/python3 -c '
import json, sys
value = json.load(sys.stdin)["Docker"]["config"]
for key in sys.argv[1:]:
    value = (value or {}).get(key)
print("\n".join(value) if isinstance(value, list) else "" if value is None else value)' "$@"
}

# run_image USER COMMAND...: as an engine would with --read-only --cap-drop ALL --security-opt no-new-privileges
# --network host: PID 1 of its own namespace, below ROOTFS, which is read-only, with the image's environment and the
# VARIABLE=VALUE lines of the array SETTINGS. Replaces the shell that calls it by `unshare`, whose only child the
# command is, and whose exit code is the command's.
run_image() {
  local user=$1
  shift
  exec unshare --mount --pid --fork --propagation private scripts/lib/contained "$ROOTFS" "$user" \
    "${IMAGE_ENVIRONMENT[@]}" "${SETTINGS[@]}" -- "$@"
}
