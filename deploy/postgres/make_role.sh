#!/usr/bin/env bash
# The role of hash-realtime: it may replicate, and read nothing else. Run once, when the cluster is made.
set -euo pipefail
psql -Xq -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="${REALTIME_PG_PASSWORD:?}" <<'SQL'
create role realtime login replication password :'password';
SQL
