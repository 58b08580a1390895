#include "support/change_corpus.hpp"

namespace realtime::test {

std::vector<std::string> identity_changes() {
  return {
      "create table by_key (id int primary key, v text); insert into by_key values (1, 'a'), (2, 'b'), (3, "
      "null)",
      "update by_key set v = 'c' where id = 1",
      "update by_key set id = 10 where id = 1",
      "update by_key set id = id + 100, v = v || 'x'",
      "delete from by_key where id = 102",
      "delete from by_key",
      "create table two_keys (a int, x text, b text, y int, primary key (b, a)); insert into two_keys values "
      "(1, 'x', 'k', 2), (2, null, 'k', null)",
      "update two_keys set x = 'new' where a = 1",
      "update two_keys set a = 5 where a = 1; update two_keys set b = 'l' where a = 2",
      "delete from two_keys",
      R"sql(create table by_index (id int primary key, u int not null, w text not null, v text); create unique index by_index_u on by_index (w, u);
alter table by_index replica identity using index by_index_u; insert into by_index values (1, 2, 'w', 'v'))sql",
      "update by_index set v = 'z'",
      "update by_index set id = 9",
      "update by_index set u = 3",
      "delete from by_index",
      "create table whole (id int primary key, v text, n int); alter table whole replica identity full; "
      "insert into whole values (1, 'a', null), (2, null, 5)",
      "update whole set v = 'b'",
      "update whole set id = id + 5, n = null",
      "delete from whole",
      "create table whole_no_key (v text, n numeric(8,3), b bool); alter table whole_no_key replica identity "
      "full; insert into whole_no_key values ('a', 1, true), (null, null, null)",
      "update whole_no_key set v = 'b'",
      "delete from whole_no_key",
      "create table inserts_only (v text); insert into inserts_only values ('x'), (null)",
      "create table nothing (id int primary key, v int); alter table nothing replica identity nothing; "
      "insert into nothing values (1, 2)",
      R"sql(create table toast (id int primary key, big text, v int, json jsonb); alter table toast alter big set storage external; alter table toast alter json set storage external;
insert into toast values (1, repeat('a"', 5000), 1, to_jsonb(repeat('b', 5000))), (2, 'small', 2, '{}'))sql",
      "update toast set v = 5",
      "update toast set v = 6, json = '1' where id = 1",
      "update toast set big = repeat('c', 9000)",
      "update toast set id = 7, v = null where id = 1",
      "delete from toast",
      R"sql(create table toast_whole (id int primary key, big text, v int); alter table toast_whole alter big set storage external; alter table toast_whole replica identity full;
insert into toast_whole values (1, repeat('d', 9000), 1))sql",
      "update toast_whole set v = 2",
      "update toast_whole set big = 'x'",
      "delete from toast_whole",
      R"sql(create table toast_key (k text primary key, v int); alter table toast_key alter k set storage external;
insert into toast_key values (repeat('k', 2200), 1))sql",
      "update toast_key set v = 2",
      "update toast_key set k = repeat('l', 2200)",
      "delete from toast_key",
      "create table fast_default (id int primary key); insert into fast_default values (1); alter table "
      "fast_default add d int default 7, add t text default 'q', add n text",
      "update fast_default set n = 'x'",
      "update fast_default set id = 2",
      "create table dropped (id int primary key, a int, b text, c int); alter table dropped drop a; insert "
      "into dropped values (1, 'b', 3)",
      "update dropped set c = 4; alter table dropped drop b; update dropped set c = 5; delete from dropped",
  };
}

std::vector<std::string> event_changes() {
  return {
      R"sql(create table part (id int, r text, v int, primary key (id, r)) partition by list (r); create table part_a partition of part for values in ('a');
create table part_b (v int, r text not null, id int not null); alter table part attach partition part_b for values in ('b'))sql",
      "insert into part values (1, 'a', 1), (2, 'b', 2)",
      "update part set v = 5; update part set r = 'b' where id = 1; delete from part",
      "create table parent (id int primary key, v int); create table child (w text, primary key (id)) "
      "inherits (parent)",
      "insert into parent values (1, 1); insert into child values (2, 2, 'w'); update parent set v = 9; "
      "delete from parent",
      "insert into by_key select i, repeat('v', i % 50) from generate_series(1, 300) i",
      "insert into by_key values (1, 'again') on conflict (id) do update set v = excluded.v; insert into "
      "by_key values (999, 'new') on conflict do nothing",
      "begin; insert into by_key values (2001, 'kept'); savepoint s; insert into by_key values (2002, "
      "'gone'); rollback to s; insert into by_key values (2003, 'kept'); commit",
      "begin; insert into by_key values (2010, 'sub'); savepoint s; insert into by_key values (2011, 'sub'); "
      "release s; commit",
      "begin; insert into by_key values (3001, 'never'); rollback",
      "create table made as select 1 as a, 'b'::text as b; create materialized view mat as select * from "
      "made; refresh materialized view mat",
      "truncate by_key, two_keys; insert into by_key values (1, 'after')",
      "begin; insert into by_key values (5000, 'before'); alter table by_key add extra numeric(6,2); insert "
      "into by_key values (5001, 'with', 1.5); "
      "alter table by_key rename v to renamed; update by_key set renamed = 'x' where id = 5000; alter table "
      "by_key alter extra type text; "
      "update by_key set extra = 'text' where id = 5001; alter table by_key drop extra; delete from by_key "
      "where id = 5001; commit",
      "alter table by_key replica identity full; update by_key set renamed = 'full'; alter table by_key "
      "replica identity default; update by_key set renamed = 'key'",
      "alter table by_key rename to by_key2; insert into by_key2 values (6000, 'r'); alter table by_key2 "
      "rename to by_key; create schema elsewhere; "
      "alter table by_key set schema elsewhere; insert into elsewhere.by_key values (6001, 's'); alter table "
      "elsewhere.by_key set schema public",
      "create table gone (id int primary key, v text); insert into gone values (1, 'x'); drop table gone; "
      "create table gone (v int, id text primary key); insert into gone values (1, 'y')",
      "begin; insert into by_key values (7000, 'prepared'); prepare transaction 'p1'",
      "insert into by_key values (7001, 'between')",
      "commit prepared 'p1'",
      "select pg_logical_emit_message(true, 'prefix', 'content \"q\"'), pg_logical_emit_message(false, "
      "'prefix', 'x')",
      "begin; insert into by_key values (7100, 'with a message'); select pg_logical_emit_message(true, 'p', "
      "'m'); delete from by_key where id = 7100; commit",
      "create sequence seq; select nextval('seq'); create unlogged table unl (id int primary key); insert "
      "into unl values (1); create temp table tmp (id int primary key); insert into tmp values (1)",
      "do $$ begin for i in 1..50 loop begin insert into by_key values (8000 + i, 'in a block'); if i % 3 = "
      "0 then raise exception 'x'; end if; exception when others then null; end; end loop; end $$",
  };
}

std::vector<std::string> many_changes() {
  return {
      "create table many (id bigint primary key, a text, b int, c timestamptz, d numeric, e bool)",
      R"sql(insert into many select i, repeat(chr(97 + i % 26), (i * 37) % 900), i, timestamptz '2024-01-01 00:00+00' + i * interval '1 minute',
  i / 7.0, i % 2 = 0 from generate_series(1, 3000) i)sql",
      "update many set b = b + 1 where id % 3 = 0; delete from many where id % 5 = 0",
      "insert into many select 10000 + i, repeat('x\"', 30000 + 2 * i) from generate_series(1, 4) i; insert "
      "into many values (20000, repeat('y', 5000000))",
      "do $$ begin for i in 1..300 loop insert into many (id, a) values (30000 + i, 'one row'); commit; end "
      "loop; end $$",
  };
}

std::vector<std::string> generated_changes() {
  return {
      "create table generated (id int primary key, a int, g int generated always as (a * 2) stored, z "
      "text)",
      "insert into generated values (1, 2, default, 'z')",
      "update generated set a = 5; update generated set id = 2; delete from generated",
  };
}

}  // namespace realtime::test
