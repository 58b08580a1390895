#include "support/change_corpus.hpp"

namespace realtime::test {

std::vector<std::string> type_changes() {
  return {
      R"sql(create extension hstore; create extension citext;
create type mood as enum ('sad', 'o"k\'); create type pair as (a int, b text);
create domain positive as int check (value > 0); create domain words as text[];
create type float_range as range (subtype = float8);
create table numbers (id int primary key, i2 int2, i4 int4, i8 int8, o oid, f4 float4, f8 float8, n numeric,
  n2 numeric(10,2), n0 numeric(3), b bool, m money, p positive, s smallserial))sql",
      "insert into numbers values (1, 1, 2, 3, 4, 1.5, 2.25, 1.50, 3.14, 9, true, 1234.56, 5)",
      "insert into numbers (id, s) values (2, 0)",
      R"sql(insert into numbers values (3, -32768, -2147483648, -9223372036854775808, 4294967295, '-0', '-0',
  -0.000000000000000000000000000000000000000001, -99999999.99, -999, false, -0.01, 2147483647))sql",
      R"sql(insert into numbers values (4, 32767, 2147483647, 9223372036854775807, 0, 3.4028235e38, 1.7976931348623157e308,
  123456789012345678901234567890123456789012345678901234567890.000000000100, 0.00, 0, null, '92233720368547758.07'))sql",
      "insert into numbers (id, f4, f8, n) values (5, 'NaN', 'NaN', 'NaN'), (6, 'Infinity', 'Infinity', "
      "'Infinity'), (7, '-Infinity', '-Infinity', '-Infinity')",
      "insert into numbers (id, f4, f8, n) values (8, 1e-45, 5e-324, 1e-100), (9, 1e10, 1e300, 1e200), (10, "
      "0.1, 0.1, 0.10)",
      R"sql(create table texts (id int primary key, t text, v varchar, v10 varchar(10), c5 char(5), c1 "char", n name, ct citext, by bytea,
  j json, jb jsonb, x xml, u uuid, h hstore, ts tsvector, tq tsquery, mo mood, pa pair))sql",
      R"sql(insert into texts values (1, 'plain', 'a', 'b', 'ab', 'z', 'a_name', 'CiText', '\x00ff41', '{"a": [1, "x\ny"]}', '{"b":null,"a":"\u00e9"}',
  '<a b="c">d</a>', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a=>1, "b c"=>NULL', 'a fat cat:3A', 'fat & !cat', 'o"k\', '(1,"x,""y""")'))sql",
      R"sql(insert into texts (id, t) select 100 + i, 'x' || chr(i) || 'y' from generate_series(1, 127) i)sql",
      R"sql(insert into texts (id, t) values (2, '"quoted" \back\ /slash/ ' || E'\b\f\n\r\t\x01\x1f\x7f' || 'é 你好 😀'), (3, ''), (4, ' '),
  (5, '"."'), (6, '""'), (7, '\"\"'), (8, '","type":"Odd".t,"value":1'), (9, '"type":"'), (10, '\'), (11, 'null'), (12, '{"action":"I","xid":1}'))sql",
      R"sql(insert into texts (id, by, t) values (20, '', repeat('"', 1000)), (21, decode(repeat('00', 300), 'hex'), repeat(E'\x01', 500)),
  (22, null, repeat('abcdefghijklmno"', 200)))sql",
      R"sql(create table times (id int primary key, d date, t time, t3 time(3), tz timetz, ts timestamp, ts0 timestamp(0), tstz timestamptz, tstz3 timestamptz(3),
  i interval, idm interval day to minute, i2 interval(2)))sql",
      R"sql(insert into times values (1, '2024-01-02', '04:05:06.789', '04:05:06.789123', '04:05:06+02', '2024-01-02 03:04:05.678901', '2024-01-02 03:04:05.6',
  '2024-01-02 03:04:05.678+02', '2024-01-02 03:04:05.678901+02', '1 year 2 days 03:04:05.6', '3 days 04:05:06', '1.239 seconds'),
  (2, '0044-03-15 BC', '24:00:00', null, '00:00+15:59', '0044-03-15 12:00 BC', 'infinity', '-infinity', 'infinity', '-1 year -2 mons +3 days -04:05:06', null, null),
  (3, 'infinity', '00:00', '23:59:59.9999', '23:59:60-15', '294276-12-31 23:59:59.999999', null, '4714-11-24 00:00:00+00 BC', null, '0', null, null))sql",
      R"sql(create table others (id int primary key, ia int[], ta text[], m2 int[][], pa pair[], moa mood[], na numeric(5,1)[], va varchar(3)[], w words, ip inet, ci cidr, ma macaddr,
  ma8 macaddr8, bi bit(4), vb varbit, vb5 bit varying(5), pt point, li line, ls lseg, bx box, ph path, pg polygon, cr circle,
  ir int4range, nr numrange, tr tstzrange, fr float_range, im int4multirange, lsn pg_lsn, rc regclass, rt regtype, rp regproc, sn pg_snapshot, ti tid, xi xid, ov oidvector, iv int2vector, jp jsonpath, ref refcursor, ac aclitem))sql",
      R"sql(insert into others values (1, '{1,NULL,3}', '{"a b",NULL,"NULL","q\"x","\\"}', '{{1,2},{3,4}}', '{"(1,\"x\")"}', '{sad,"o\"k\\"}', '{1.25,2}', '{abc}', '{a,b}', '::1', '10.0.0.0/8', '08:00:2b:01:02:03',
  '08:00:2b:01:02:03:04:05', '1010', '1', '10101', '(1.5,-2)', '{1,2,3}', '[(0,0),(1,1)]', '((0,0),(1,1))', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(0,0),1>',
  '[1,5)', '(,1.5]', '["2024-01-01 00:00+00",)', '[1.5,2)', '{[1,3),[5,7)}', '16/B374D848', 'pg_class', 'integer', 'now', '10:20:10,14', '(0,1)', '7', '1 2 3', '1 2', '$.a[*] ? (@ > 1)', 'cur', 'postgres=r/postgres'))sql",
      "insert into others (id, ia, ir) values (2, '{}', 'empty')",
  };
}

std::vector<std::string> odd_type_changes() {
  return {
      R"sql(create schema "Odd Sch.ema"; create schema plain;
create type "My Type" as enum ('a'); create type "q""t" as enum ('a'); create type """" as enum ('a'); create type "back\slash" as enum ('a');
create type "a\n" as enum ('a'); create type "line
feed" as enum ('a'); create type "a"",""value"":x" as enum ('a'); create type "ends]" as enum ('a'); create type "Ünï" as enum ('a'); create type ünï2 as enum ('a');
create type "Odd Sch.ema"."Q t" as enum ('a'); create type "Odd Sch.ema".lower as enum ('a'); create type "Odd Sch.ema"."x""y" as (a int);
create type plain."Q t" as enum ('a'); create type plain."q""t" as enum ('a'); create type plain.lower as enum ('a');
create domain "Odd Sch.ema".dom as "Odd Sch.ema"."Q t"; create domain "Dom ""d" as numeric(10,2); create domain public.dom as "q""t"; create domain plain."d\" as int;
create type "Odd Sch.ema"."Range" as range (subtype = int4, multirange_type_name = "Odd Sch.ema"."Multi""range"))sql",
      R"sql(create table odd_types (id int primary key, c1 "My Type", c2 "q""t", c3 """", c4 "back\slash", c5 "a\n", c6 "line
feed", c7 "a"",""value"":x", c8 "ends]", c9 "Odd Sch.ema"."Q t", c10 "Odd Sch.ema".lower, c11 "Odd Sch.ema"."x""y", c12 plain."Q t", c13 plain."q""t", c14 plain.lower,
  c15 "Odd Sch.ema".dom, c16 "Dom ""d", c17 dom, c18 plain."d\", c19 "Ünï", c20 ünï2, c21 "Odd Sch.ema"."Range", c22 "Odd Sch.ema"."Multi""range",
  a1 "My Type"[], a2 "q""t"[], a3 """"[], a4 "back\slash"[], a9 "Odd Sch.ema"."Q t"[], a10 "Odd Sch.ema".lower[], a11 "Odd Sch.ema"."x""y"[], a12 plain."Q t"[],
  a15 "Odd Sch.ema".dom[], a16 "Dom ""d"[], a19 "Ünï"[]))sql",
      "insert into odd_types (id) values (1)",
      R"sql(insert into odd_types values (2, 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', '(1)', 'a', 'a', 'a', 'a', 1.5, 'a', 5, 'a', 'a', '[1,2)', '{[1,2)}',
  '{a}', '{a}', '{a}', '{a}', '{a}', '{a}', '{(1)}', '{a}', '{a}', '{1.5}', '{a}'))sql",
      R"sql(create table odd_key (k "q""t" primary key, v "Odd Sch.ema".lower, t text); insert into odd_key values ('a', 'a', 'x'))sql",
      "update odd_key set t = '\".\"'",
      "delete from odd_key",
      // The schema is not needed in the name of a type that is on the search path, and a type may change its
      // schema.
      R"sql(create table moving (id int primary key, v plain.lower); insert into moving values (1, 'a'))sql",
  };
}

std::vector<std::string> name_changes() {
  return {
      R"sql(create schema "Sch ""q"" \ .x"; create table "Sch ""q"" \ .x"."Tab	le"" \
é" (id int primary key, "col ""q""" int, "back\slash" text, "dot.ted" text, "type" text, "value" int, "columns" int, "ünï" int, "with
line" int, "123456789012345678901234567890123456789012345678901234567890abc" int))sql",
      R"sql(insert into "Sch ""q"" \ .x"."Tab	le"" \
é" values (1, 2, 'x', 'y', 'z', 3, 4, 5, 6, 7))sql",
      R"sql(update "Sch ""q"" \ .x"."Tab	le"" \
é" set "col ""q""" = 5)sql",
      R"sql(delete from "Sch ""q"" \ .x"."Tab	le"" \
é")sql",
      R"sql(create table "Upper" ("Id" int primary key, "type" "char"); insert into "Upper" values (1, '"'), (2, '\'), (3, ''))sql",
      "create table no_columns (); insert into no_columns default values",
  };
}

}  // namespace realtime::test
