#pragma once

#include <string_view>

namespace realtime::redis {

// The few lines of Lua that run inside Redis. Always sent whole with EVAL: an EVALSHA that Redis has
// forgotten (SCRIPT FLUSH, restart, failover) would let a transaction push without its record. No message
// passes through Lua: that doubles Redis' CPU (bench/redis).
//
// PERSIST comes before SET because Redis refuses a script for want of memory before its first write and never
// after it. So a record alone can always be set, and once messages are pushed theirs is not refused for
// memory (before Redis 7 the state is taken when EVAL is queued, not when EXEC runs; within MULTI Redis 7
// refuses everything while memory is short). It also takes off an expiry that somebody put on the record.

// A third key is the lists that stand beside a record of format 2, where they change with it. An empty text ends
// them: SET with an expiry needs no other right.

/// Follows the push commands in their transaction: sets the record if they were done. KEYS: queue, record
/// and, where they change, lists. ARGV: the type that the queue must have now, the record's text, for streams the
/// first message's id (else empty), the lists' text. Gives the length of a stream, -1 where it may not be asked
/// or is known from LPUSH.
///
/// Rights are asked for again where Redis can tell (7.0, Valkey): a push that was queued is refused by EXEC where
/// its right has gone meanwhile, and the queue's type would not show it. Nothing comes between the commands of
/// an EXEC, so what is true here was true for the push. PERSIST is a courtesy: without its right the record is
/// still set.
inline constexpr std::string_view kSetRecord =
    R"(local push = ARGV[3] ~= '' and {'XADD', KEYS[1], '*', 'payload', ''} or {'LPUSH', KEYS[1], ''}
if redis.acl_check_cmd and not redis.acl_check_cmd(unpack(push)) then
  return redis.error_reply('NOPERM this user has no permissions to run the ' .. push[1] .. ' command')
end
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= ARGV[1] then
  return redis.error_reply('WRONGTYPE the queue holds a value of type ' .. kind)
end
if ARGV[3] ~= '' and #redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3]) == 0 then
  return redis.error_reply('ERR The ID specified in XADD was refused')
end
redis.pcall('PERSIST', KEYS[2])
if KEYS[3] then redis.call('SET', KEYS[3], ARGV[4], unpack(ARGV[4] == '' and {'PX', '1'} or {})) end
redis.call('SET', KEYS[2], ARGV[2])
if kind ~= 'stream' then return -1 end
local length = redis.pcall('XLEN', KEYS[1])
return type(length) == 'number' and length or -1
)";

/// Replaces the record where it is still what the caller has read. KEYS: queue, record and, where they change,
/// lists. ARGV: new text, the lists' text, and the text that is expected (absent: no record). Gives {1} or {0, the text that is there} or {0} where none
/// is. TYPE is asked for nothing but to prove, before the first push, that this user has every right
/// kSetRecord needs.
inline constexpr std::string_view kReplaceRecord = R"(redis.call('TYPE', KEYS[1])
local now = redis.call('GET', KEYS[2])
if now ~= (ARGV[3] or false) then return now and {0, now} or {0} end
redis.call('PERSIST', KEYS[2])
if KEYS[3] then redis.call('SET', KEYS[3], ARGV[2], unpack(ARGV[2] == '' and {'PX', '1'} or {})) end
redis.call('SET', KEYS[2], ARGV[1])
return {1}
)";

/// The highest id that a stream has ever held; '' where there is none or it may not be asked. KEYS: stream.
/// A script because XINFO's own reply has the stream's first and last message in it.
inline constexpr std::string_view kLastId = R"(local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if info.err then return '' end
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then return info[i + 1] end
end
return ''
)";

}  // namespace realtime::redis
