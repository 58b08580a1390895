# What scripts/run shows: sample tables, one change, and how long it took to both queues. Sourced.
# shellcheck shell=bash

as_superuser() { PGPASSWORD=$PG_PASSWORD psql -h 127.0.0.1 -p "$PG_PORT" -U postgres -Xqv ON_ERROR_STOP=1 "$@"; }

# The database demo: its owner demo is for whoever tries things out, the role realtime is the service's.
demo_database() {
  as_superuser postgres -c "create role demo login password 'demo'" -c "create database demo owner demo" \
    -c "create role realtime login replication password '$PG_PASSWORD'"
  as_superuser demo <<'SQL'
grant create on schema public to demo;
set role demo;
create table people (id int generated always as identity primary key, name text not null, city text);
create table orders (id int generated always as identity primary key, person int references people, item text, price numeric(10,2));
insert into people (name, city) values ('Ada', 'London'), ('Konrad', 'Berlin');
SQL
}

# demo_change: makes one change and waits for it; sets DEMO_ROW, DEMO_MESSAGE, DEMO_MILLISECONDS (both queues).
# The time is from the commit, as PostgreSQL stamped it, to the push, as Redis' MONITOR stamps it.
demo_change() {
  local monitor=$FOLDER/monitor queue pushed committed
  redis-cli -p "$REDIS_PORT" monitor >"$monitor" &
  local monitor_pid=$!
  wait_until 5 grep -q '^OK' "$monitor" || true
  DEMO_ROW="insert into orders (person, item, price) values (1, 'difference engine', 17000.50)"
  committed=$(as_superuser -At demo -c "$DEMO_ROW returning null" \
    -c "select extract(epoch from pg_xact_commit_timestamp(xmin)) from orders order by id desc limit 1" | tail -1)
  DEMO_MILLISECONDS=()
  for queue in search integration; do
    wait_until 20 grep -q "\"LPUSH\" \"$queue\"" "$monitor" || break
    pushed=$(grep -m1 "\"LPUSH\" \"$queue\"" "$monitor" | cut -d' ' -f1)
    DEMO_MILLISECONDS+=("$(awk -v a="$committed" -v b="$pushed" 'BEGIN { printf "%.1f", (b - a) * 1000 }')")
  done
  kill "$monitor_pid" 2>/dev/null || true
  wait "$monitor_pid" 2>/dev/null || true
  rm -f "$monitor"
  [ ${#DEMO_MILLISECONDS[@]} -eq 2 ] || return 1
  DEMO_MESSAGE=$(redis-cli -p "$REDIS_PORT" --raw lrange search 0 0)
}

# wait_until SECONDS COMMAND...: false if it never came true, or the service ended meanwhile
wait_until() {
  local tries=$(($1 * 50))
  shift
  while ! "$@" >/dev/null 2>&1; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    [ -z "${SERVICE_PID:-}" ] || [ -d "/proc/$SERVICE_PID" ] || return 1
    sleep 0.02
  done
}
