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
    flush(servers)


def flush(servers):
    servers.sql("set synchronous_commit = on")
    servers.sql("create table bench_flushed (); drop table bench_flushed")


def load_tables(servers, tables, rows, size=50):
    """`rows` in transactions of `size`, each into the next of `tables` tables: `bench_tables.t1` and so on."""
    servers.sql("drop schema if exists bench_tables cascade")
    servers.sql("create schema bench_tables")
    servers.sql(f"""do $$ begin for n in 1..{tables} loop
                      execute format('create table bench_tables.t%s (like {TABLE})', n); commit; end loop; end $$""")
    servers.sql("set synchronous_commit = off")
    insert = _ROW.replace(f"into {TABLE}", "into bench_tables.t%s") + " from generate_series(%s, %s) as n_of(n)"
    servers.sql(f"""do $$ begin for k in 0..{rows // size - 1} loop
                      execute format($insert${insert.replace('% 7', '%% 7')}$insert$, k % {tables} + 1, k * {size} + 1, (k + 1) * {size});
                      commit; end loop; end $$""")
    flush(servers)


def load_others(servers, transactions, others):
    """One-row transactions of which every `others`-th is into the monitored table."""
    servers.sql(f"drop table if exists {TABLE}_other; create table {TABLE}_other (like {TABLE})")
    servers.sql("set synchronous_commit = off")
    into_other = _ROW.replace(f"into {TABLE}", f"into {TABLE}_other")
    servers.sql(f"""do $$ begin for k in 1..{transactions} loop
                      if k % {others} = 0 then {_ROW} from (values (k)) as n_of(n);
                      else {into_other} from (values (k)) as n_of(n); end if;
                      commit; end loop; end $$""")
    flush(servers)


def commit_steadily(connection, rate, rows):
    connection.cursor().execute(_STEADY.format(rate=rate, rows=rows))
