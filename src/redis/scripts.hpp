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

/// Follows the push commands in their transaction: sets the record if they were done. KEYS: queue, record.
/// ARGV: the type that the queue must have now, the record's text, and for streams the first message's id.
/// Gives the length of a stream, -1 where it may not be asked or is known from LPUSH.
inline constexpr std::string_view kSetRecord = R"(local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= ARGV[1] then
  return redis.error_reply('WRONGTYPE the queue holds a value of type ' .. kind)
end
if ARGV[3] and #redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3]) == 0 then
  return redis.error_reply('ERR The ID specified in XADD was refused')
end
redis.call('PERSIST', KEYS[2])
redis.call('SET', KEYS[2], ARGV[2])
if kind ~= 'stream' then return -1 end
local length = redis.pcall('XLEN', KEYS[1])
return type(length) == 'number' and length or -1
)";

/// Replaces the record where it is still what the caller has read. KEYS: queue, record. ARGV: new text, and
/// the text that is expected (absent: no record). Gives {1} or {0, the text that is there} or {0} where none
/// is. TYPE is asked for nothing but to prove, before the first push, that this user has every right
/// kSetRecord needs.
inline constexpr std::string_view kReplaceRecord = R"(redis.call('TYPE', KEYS[1])
local now = redis.call('GET', KEYS[2])
if now ~= (ARGV[2] or false) then return now and {0, now} or {0} end
redis.call('PERSIST', KEYS[2])
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
