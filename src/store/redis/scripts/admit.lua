-- May a request go on? Checks every limit in the given order over all living nodes and, when all of
-- them have room, holds in the same step. Numbers are whole: nano-dollars, tokens, milliseconds.
--
-- KEYS[1] living nodes: hash of node -> last seen, ms
-- KEYS[n] one hash a meter; beside it <key>:b (money by minute), <key>:q (starts of requests),
--         <key>:k (tokens by second), <key>:s (seats of sessions)
-- ARGV[1] JSON: node, number (of the question), now (0: the clock of Redis), life, keep, hold, tokens, strict, session (empty:
--         none takes a seat) and checks [{m, k, f, i, n}]
--         (m: KEYS index of the meter, k: kind, f: window, i: span in minutes, n: limit)
-- Returns {1} held, {0, check, used, held, at}, or {2, meter, ...} when windows are not known here yet.
local ask = cjson.decode(ARGV[1])
local now = ask.now
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local minute = 60000
local alive = { [ask.node] = true }
local seen = redis.call('HGETALL', KEYS[1])
local known = false
for i = 1, #seen, 2 do
  known = known or seen[i] == ask.node
  if now - tonumber(seen[i + 1]) < ask.life then
    alive[seen[i]] = true
  end
end

-- A Redis that was emptied knows nobody: what this node holds counts from now on, not from its next beat.
if not known then
  redis.call('HSET', KEYS[1], ask.node, string.format('%.0f', now))
end

local meters = {}
local function meter(index)
  if not meters[index] then
    local fields, all = {}, redis.call('HGETALL', KEYS[index])
    for i = 1, #all, 2 do
      fields[all[i]] = all[i + 1]
    end
    meters[index] = fields
  end
  return meters[index]
end

-- Sums a field over the nodes that live, and forgets those of nodes that do not.
local function over_nodes(index, prefix)
  local sum = 0
  for field, value in pairs(meter(index)) do
    if string.sub(field, 1, 2) == prefix then
      if alive[string.sub(field, 3)] then
        sum = sum + tonumber(value)
      else
        redis.call('HDEL', KEYS[index], field, 's:' .. string.sub(field, 3))
      end
    end
  end
  return sum
end

-- Money of the last `span` minutes. The sum moves on with time; what has left it is taken off.
local function rolling(index, span)
  local fields, key = meter(index), KEYS[index]
  local from, sum = tonumber(fields['p' .. span] or -1), tonumber(fields['v' .. span] or 0)
  local first = math.floor((now - span * minute) / minute)
  if from < 0 or first - from > span then
    sum = 0
    local buckets = redis.call('HGETALL', key .. ':b')
    for i = 1, #buckets, 2 do
      if tonumber(buckets[i]) >= first then
        sum = sum + tonumber(buckets[i + 1])
      elseif tonumber(fields.b) == span then
        redis.call('HDEL', key .. ':b', buckets[i])
      end
    end
  else
    while from < first do
      sum = sum - tonumber(redis.call('HGET', key .. ':b', from) or 0)
      if tonumber(fields.b) == span then
        redis.call('HDEL', key .. ':b', from)
      end
      from = from + 1
    end
  end
  fields['p' .. span], fields['v' .. span] = tostring(math.max(first, from)), string.format('%.0f', sum)
  redis.call('HSET', key, 'p' .. span, fields['p' .. span], 'v' .. span, fields['v' .. span])
  return sum
end

-- Money of a window, and when it starts anew.
local function spent(check)
  local fields = meter(check.m)
  if check.k == 'roll' then
    return rolling(check.m, check.i), 0
  end
  if check.k == 'five' then
    local ends = tonumber(fields['5s']) + 300 * minute
    if now >= ends or fields['5v'] == '0' then return 0, now + 300 * minute end
    return tonumber(fields['5v']), ends
  end
  return tonumber(fields[check.f]), 0
end

-- Tokens of the last minute, and when the first of them leave it.
local function tokens(index)
  local sum, key = 0, KEYS[index] .. ':k'
  local seconds, oldest = redis.call('HGETALL', key), 0
  for i = 1, #seconds, 2 do
    local second = tonumber(seconds[i])
    if second * 1000 + minute <= now then
      redis.call('HDEL', key, seconds[i])
    else
      sum = sum + tonumber(seconds[i + 1])
      if oldest == 0 or second < oldest then oldest = second end
    end
  end
  if oldest == 0 then return sum, 0 end
  return sum, oldest * 1000 + minute
end

-- Sessions that have a seat anywhere, and whether the asking one is among them.
local function seats(index)
  local taken, count, own, key = {}, 0, false, KEYS[index] .. ':s'
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local node, session = string.match(all[i], '^([^|]*)|(.*)$')
    if alive[node] and tonumber(all[i + 1]) > now then
      if session == ask.session then own = true end
      if not taken[session] then
        taken[session] = true
        count = count + 1
      end
    else
      redis.call('HDEL', key, all[i])
    end
  end
  return count, own
end

-- Money and tokens: who has something left and nothing running is not locked out by an estimate.
local function has_room(check, used, held, wanted)
  local fits = used + held + math.max(wanted, 1) <= check.n
  return fits or (not ask.strict and held == 0 and used < check.n)
end

-- Tells whether this Redis knows the window of a check.
local function is_known(check)
  local fields = meter(check.m)
  if check.k == 'roll' then return tonumber(fields.b or 0) >= check.i end
  if check.k == 'five' then return fields['5s'] end
  return check.k ~= 'sum' or fields[check.f]
end

local unknown, listed = { 2 }, {}
for _, check in ipairs(ask.checks) do
  if not listed[check.m] and not is_known(check) then
    listed[check.m] = true
    table.insert(unknown, check.m)
  end
end
if #unknown > 1 then return unknown end

for number, check in ipairs(ask.checks) do
  local kind = check.k
  if kind == 'rpm' then
    local key = KEYS[check.m] .. ':q'
    while true do
      local first = redis.call('LINDEX', key, 0)
      if not first or tonumber(first) + minute > now then break end
      redis.call('LPOP', key)
    end
    local count = redis.call('LLEN', key)
    if count >= check.n then
      local blocking = redis.call('LINDEX', key, count - check.n)
      return { 0, number, count, 0, tonumber(blocking) + minute }
    end
  elseif kind == 'tpm' then
    -- Whoever has a limit of tokens has them counted from now on.
    redis.call('HSET', KEYS[check.m], 'k', string.format('%.0f', now))
    local used, frees = tokens(check.m)
    local held = over_nodes(check.m, 't:')
    if not has_room(check, used, held, ask.tokens) then
      return { 0, number, used, held, frees }
    end
  elseif kind == 'open' then
    local sum = over_nodes(check.m, 'o:')
    if sum >= check.n then
      return { 0, number, sum, 0, 0 }
    end
  elseif kind == 'seat' then
    local count, own = seats(check.m)
    if not own and count >= check.n then
      return { 0, number, count, 0, 0 }
    end
  else
    local used, ends = spent(check)
    local held = over_nodes(check.m, 'h:')
    if not has_room(check, used, held, ask.hold) then
      return { 0, number, used, held, ends }
    end
  end
end

for index = 2, #KEYS do
  local key = KEYS[index]
  for field, by in pairs({ ['h:'] = ask.hold, ['o:'] = 1, ['t:'] = ask.tokens }) do
    if by ~= 0 then
      redis.call('HINCRBY', key, field .. ask.node, by)
    end
  end
  -- Questions of two workers may come in the wrong order.
  local last = tonumber(redis.call('HGET', key, 's:' .. ask.node) or 0)
  redis.call('HSET', key, 's:' .. ask.node, math.max(last, ask.number))
  redis.call('PEXPIRE', key, ask.keep)
end
for _, check in ipairs(ask.checks) do
  local key = KEYS[check.m]
  if check.k == 'rpm' then
    local last = redis.call('LINDEX', key .. ':q', -1)
    redis.call('RPUSH', key .. ':q', string.format('%.0f', math.max(now, tonumber(last or 0))))
    redis.call('PEXPIRE', key .. ':q', 2 * minute)
  elseif check.k == 'seat' and ask.session ~= '' then
    redis.call('HSET', key .. ':s', ask.node .. '|' .. ask.session, string.format('%.0f', now + ask.life))
    redis.call('PEXPIRE', key .. ':s', ask.keep)
  end
end
return { 1 }
