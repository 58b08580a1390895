# A PostgreSQL with wal2json and a Redis of our own, in a private folder, on free ports. Sourced.
#
# The folder is <tmp>/hash-realtime.<uid>.XXXXXX; `owner` in it names the script it belongs to. Everything started
# for it has its current folder below it, and that is how a recorded process id is known to be still the same
# process. What a kill -9 left behind is cleared by the next run.
# shellcheck shell=bash

SERVERS_PREFIX=$(is_root && echo /tmp || echo "${TMPDIR:-/tmp}")/hash-realtime.$(id -u)

# As root neither server runs: then both do as the user postgres.
as_server_user() {
  if is_root; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

# start time of a process, in ticks since boot: with the id it names a process for good
process_started() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return
  stat=${stat##*) }
  # shellcheck disable=SC2086
  set -- $stat
  echo "${20}"
}

servers_new_folder() {
  FOLDER=$(mktemp -d "$SERVERS_PREFIX.XXXXXX")
  if is_root; then chmod 711 "$FOLDER"; fi
  echo "$$ $(process_started $$)" >"$FOLDER/owner"
}

# record NAME PID: `NAME` is ended with the folder.
servers_record() { echo "$2" >"$FOLDER/$1.pid"; }

# Ends what folder $1 has recorded, the service first, and removes it.
servers_remove() {
  local folder=$1 name pid waited
  for name in service redis postgres; do
    if [ "$name" = postgres ] && [ -e "$folder/postgres/data/postmaster.pid" ]; then
      pid=$(head -1 "$folder/postgres/data/postmaster.pid")
    elif [ -e "$folder/$name.pid" ]; then
      pid=$(cat "$folder/$name.pid")
    else
      continue
    fi
    # PostgreSQL's immediate stop: the data goes with the folder anyway.
    if process_is_below "$pid" "$folder"; then
      kill -s "$([ "$name" = postgres ] && echo QUIT || echo TERM)" "$pid" 2>/dev/null || true
    fi
    for waited in $(seq 140); do
      process_is_below "$pid" "$folder" || break
      [ "$waited" -lt 120 ] || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.05
    done
  done
  rm -rf "$folder"
}

process_is_below() {
  local where
  where=$(readlink "/proc/$1/cwd" 2>/dev/null) || return 1
  case "$where" in "$2"/*) return 0 ;; *) return 1 ;; esac
}

# Removes every folder of ours whose script is gone.
servers_clear_leftovers() {
  local folder pid started
  for folder in "$SERVERS_PREFIX".*; do
    if [ ! -d "$folder" ] || [ ! -O "$folder" ] || [ -L "$folder" ]; then continue; fi
    if [ -e "$folder/owner" ]; then
      read -r pid started <"$folder/owner" || true
      [ "$(process_started "$pid")" = "$started" ] && continue
    elif [ -n "$(find "$folder" -maxdepth 0 -mmin -1)" ]; then
      continue # just being made
    fi
    servers_remove "$folder"
  done
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A free port outside the range that the kernel gives to outgoing connections.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    if port_is_free "$port"; then echo "$port" && return; fi
  done
}

# start_postgres AUTHENTICATION [SETTING...]: sets PG_BIN, PG_PORT, PG_DATA, PG_LOG. The superuser is postgres; with
# `scram-sha-256` its password is PG_PASSWORD.
start_postgres() {
  local authentication=$1
  shift
  PG_BIN=$(find_postgres_bin) || die "no PostgreSQL with wal2json below /usr/lib/postgresql"
  local home=$FOLDER/postgres
  PG_DATA=$home/data PG_LOG=$home/log
  mkdir "$home"
  printf '%s\n' "${PG_PASSWORD:-}" >"$home/password"
  if is_root; then chown -R postgres: "$home"; fi
  chmod 700 "$home"
  (cd "$home" && as_server_user "$PG_BIN/initdb" -D "$PG_DATA" -U postgres -A "$authentication" --pwfile password -N \
    --no-instructions -E UTF8 --locale=C.UTF-8 >"$FOLDER/initdb.log") || die "initdb failed: $(tail -3 "$FOLDER/initdb.log")"
  {
    printf '%s\n' "listen_addresses = '127.0.0.1'" "unix_socket_directories = '$home'" "wal_level = logical" \
      "max_wal_senders = 20" "max_replication_slots = 20" "fsync = off" "max_prepared_transactions = 10" "$@"
    # Newer minor releases refuse wal2json unless it is listed; older ones refuse to start with the setting.
    if grep -q output_plugin_libraries "$("$PG_BIN/pg_config" --sharedir)/postgresql.conf.sample"; then
      echo "output_plugin_libraries = 'pgoutput, test_decoding, wal2json'"
    fi
  } >"$home/settings"
  cat "$home/settings" >>"$PG_DATA/postgresql.conf"
  for _ in 1 2 3 4 5; do
    PG_PORT=$(free_port)
    if (cd "$home" && as_server_user "$PG_BIN/pg_ctl" -D "$PG_DATA" -l "$PG_LOG" -o "-p $PG_PORT" -w -t 60 start) \
      >"$FOLDER/pg_ctl.log" 2>&1; then
      return
    fi
    grep -q 'could not bind' "$PG_LOG" || break # somebody else was faster: another port
  done
  die "PostgreSQL does not start: $(tail -3 "$PG_LOG")"
}

# start_redis [CONFIG LINE...]: sets REDIS_PORT, REDIS_LOG.
start_redis() {
  local home=$FOLDER/redis
  REDIS_SERVER=$(find_redis_server) || die "no redis-server"
  REDIS_LOG=$home/log
  mkdir "$home"
  # The server's name decides what the one program of redis-tools is.
  ln -s "$REDIS_SERVER" "$home/redis-server"
  if is_root; then chown -R postgres: "$home"; fi
  chmod 700 "$home"
  for _ in 1 2 3 4 5; do
    REDIS_PORT=$(free_port)
    printf '%s\n' "bind 127.0.0.1" "port $REDIS_PORT" "dir $home" "daemonize yes" "pidfile $home/pid" "logfile $REDIS_LOG" \
      'save ""' "$@" | as_server_user "$home/redis-server" - >/dev/null || true
    local waited
    for waited in $(seq 100); do
      if [ -s "$home/pid" ] && redis-cli -p "$REDIS_PORT" ping >/dev/null 2>&1; then
        servers_record redis "$(cat "$home/pid")"
        return
      fi
      grep -q 'Failed listening' "$REDIS_LOG" 2>/dev/null && break
      sleep 0.02
    done
    rm -f "$REDIS_LOG"
  done
  die "Redis does not start: $(tail -3 "$REDIS_LOG")"
}
