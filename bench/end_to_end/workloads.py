"""What is drained. Both workloads hold the same rows, about 200 bytes each and 440 as a message."""
TABLE = "bench"

_ROW = """insert into bench (id, at, kind, name, document, price, created_at)
  select n, (extract(epoch from clock_timestamp()) * 1e6)::bigint, 'kind ' || n % 7, 'name of row ' || n,
         jsonb_build_object('n', n, 'text', repeat('x', 40)), n / 7.0, timestamptz '2026-01-01' + n * interval '1 s'"""

# rows: all of them; size: rows a transaction
_LOAD = f"""do $$
declare done int := 0;
begin
  while done < {{rows}} loop
    {_ROW} from generate_series(done + 1, least(done + {{size}}, {{rows}})) as n_of(n);
    done := done + {{size}};
    commit;
  end loop;
end $$"""

# Single rows, each committed (and flushed) on its own, `rate` a second; what is late is made up for at once.
_STEADY = f"""do $$
declare
  began timestamptz := clock_timestamp();
  done int := 0;
  due int;
begin
  while done < {{rows}} loop
    due := least({{rows}}, floor(extract(epoch from clock_timestamp() - began) * {{rate}}));
    while done < due loop
      done := done + 1;
      {_ROW} from (values (done)) as n_of(n);
      commit;
    end loop;
    perform pg_sleep(greatest(0, (done + 1) / {{rate}}.0 - extract(epoch from clock_timestamp() - began)));
  end loop;
end $$"""

# name: rows a transaction
WORKLOADS = {"small": 1, "batch": 1000}


def create_table(servers):
    servers.sql(f"drop table if exists {TABLE}")
    servers.sql(f"""create table {TABLE} (id bigint, at bigint, kind text, name text, document jsonb, price numeric(12,2),
                    created_at timestamptz)""")


def load(servers, workload, rows):
    """Commits the whole workload as a backlog, and has all of it flushed."""
    servers.sql("set synchronous_commit = off")
    servers.sql(_LOAD.format(rows=rows, size=WORKLOADS[workload]))
    servers.sql("set synchronous_commit = on")
    servers.sql("create table bench_flushed (); drop table bench_flushed")


def commit_steadily(connection, rate, rows):
    connection.cursor().execute(_STEADY.format(rate=rate, rows=rows))
