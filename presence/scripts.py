"""The store's Lua. Each script is one atomic step by Redis' own clock.

They build keys of their own from a prefix, so all keys of a deployment must live in one Redis; in a cluster, give
`CHAT_REDIS_PREFIX` a hash tag (`{planb}`), which puts them into one slot.

    <prefix>user:<user>      hash: connection → "expires mode version", `told` (the state last announced),
                             `seen` (last sign of life). Times are milliseconds.
    <prefix>due              sorted set: user → when the next of their entries ends
    <prefix>typing:<conv>    hash: user → "expires kind connection"
"""

from __future__ import annotations

# A closed socket's entry has this version: no refresh that was under way can bring it back.
CLOSED = 2**53 - 1

_LOOK = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end
local function look(key)
  local flat = redis.call('HGETALL', key)
  local user = {state = 'offline', dead = {}}
  for i = 1, #flat, 2 do
    local field, value = flat[i], flat[i + 1]
    if field == 'told' then user.told = value
    elseif field == 'seen' then user.seen = value
    else
      local expires, mode = string.match(value, '^(%d+) (%a+)')
      expires = tonumber(expires)
      if not expires or expires <= now then
        table.insert(user.dead, field)
      else
        if mode == 'active' then user.state = 'online'
        elseif user.state == 'offline' then user.state = 'away' end
        if not user.next or expires < user.next then user.next = expires end
      end
    end
  end
  return user
end
"""

# Compares a person's state with what was last told of them, in the same step as it is written: of several processes
# exactly one gets the change.
_SETTLE = (
    _LOOK
    + """
local changes = {}
local function settle(due, prefix, name)
  local key = prefix .. name
  local user = look(key)
  if #user.dead > 0 then redis.call('HDEL', key, unpack(user.dead)) end
  if user.next then redis.call('ZADD', due, text(user.next), name) else redis.call('ZREM', due, name) end
  if user.state ~= (user.told or 'offline') then
    redis.call('HSET', key, 'told', user.state)
    table.insert(changes, {name, user.state, user.seen or ''})
  end
end
"""
)

# KEYS: due. ARGV: prefix, milliseconds to remember, then per entry: user, connection, mode, version, milliseconds.
WRITE = (
    _SETTLE
    + f"""
local users, known = {{}}, {{}}
for i = 3, #ARGV, 5 do
  local name, connection, mode = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local version, expires = tonumber(ARGV[i + 3]), now + tonumber(ARGV[i + 4])
  local key = ARGV[1] .. name
  local old = redis.call('HGET', key, connection)
  local before, known_version = string.match(old or '', '^(%d+) %a+ (%d+)$')
  local write = not before or tonumber(known_version) <= version
  if version == {CLOSED} then
    if before then
      -- Closing never lengthens.
      expires = math.min(expires, tonumber(before))
    else
      -- It has ended already; unless Redis lost all memory of this person, whose end must still be announced.
      write = redis.call('HEXISTS', key, 'told') == 0
    end
  end
  if write then
    redis.call('HSET', key, connection, text(expires) .. ' ' .. mode .. ' ' .. text(version), 'seen', text(now))
    redis.call('PEXPIRE', key, ARGV[2])
  end
  if not known[name] then known[name] = true; table.insert(users, name) end
end
for _, name in ipairs(users) do settle(KEYS[1], ARGV[1], name) end
return changes
"""
)

# KEYS: due. ARGV: prefix, most people. Answers how many were due, and the changes.
SWEEP = (
    _SETTLE
    + """
local names = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', 0, ARGV[2])
for _, name in ipairs(names) do settle(KEYS[1], ARGV[1], name) end
return {#names, changes}
"""
)

# ARGV: prefix, users. Writes nothing: a sweep will tell what this one saw end.
READ = (
    _LOOK
    + """
local found = {}
for i = 2, #ARGV do
  local user = look(ARGV[1] .. ARGV[i])
  table.insert(found, {ARGV[i], user.state, user.seen or ''})
end
return found
"""
)

# KEYS: the conversation's. ARGV: user, kind, connection, milliseconds.
TYPE = (
    _LOOK
    + """
local dead = look(KEYS[1]).dead
if #dead > 0 then redis.call('HDEL', KEYS[1], unpack(dead)) end
redis.call('HSET', KEYS[1], ARGV[1], text(now + tonumber(ARGV[4])) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""
)

# KEYS: the conversation's. ARGV: user, connection. Answers the kind that ended, or nothing: what another device of the
# same person goes on typing is not ended by this one.
STOP = (
    _LOOK
    + """
local expires, kind, connection = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+) (%a+) (.+)$')
if connection ~= ARGV[2] then return false end
redis.call('HDEL', KEYS[1], ARGV[1])
if tonumber(expires) <= now then return false end
return kind
"""
)

# KEYS: the conversation's. Answers user, kind, milliseconds left.
TYPING = (
    _LOOK
    + """
local found = {}
local flat = redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do
  local expires, kind = string.match(flat[i + 1], '^(%d+) (%a+)')
  if expires and tonumber(expires) > now then
    table.insert(found, {flat[i], kind, text(tonumber(expires) - now)})
  end
end
return found
"""
)
