-- May requests go on? Each is checked against every limit in its order over all living nodes and, when
-- all of them have room, held for in the same step. What one of them holds, those behind it see.
-- Numbers are whole: nano-dollars, tokens, milliseconds.
--
-- KEYS[1] living nodes: hash of node -> last seen, ms
-- KEYS[2] numbers of this node's questions that were granted: a sorted set, for its next beats
-- KEYS[n] one hash a meter, the meters of one question behind those of the one before it; beside a
--         meter <key>:b (money by minute), <key>:q (starts of requests), <key>:k (tokens by second),
--         <key>:s (seats of sessions)
-- ARGV[1] JSON: node, now (0: the clock of Redis), life, keep
-- ARGV[n] JSON, a question each: number (of the question), hold, tokens, strict, session (empty: none
--         takes a seat), meters (how many of the keys are its) and checks [{m, k, f, i, n}]
--         (m: place of the meter among its keys, k: kind, f: window, i: span in minutes, n: limit)
-- Returns an answer to each: {1} held, {0, check, used, held, at}, or {2, meter, ...} when windows are
-- not known here yet.
local from = cjson.decode(ARGV[1])
local now = from.now
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local minute = 60000
local alive = { [from.node] = true }
local seen = redis.call('HGETALL', KEYS[1])
local known = false
for i = 1, #seen, 2 do
  known = known or seen[i] == from.node
  if now - tonumber(seen[i + 1]) < from.life then
    alive[seen[i]] = true
  end
end

-- A Redis that was emptied knows nobody: what this node holds counts from now on, not from its next beat.
if not known then
  redis.call('HSET', KEYS[1], from.node, string.format('%.0f', now))
end

-- What is more than a whole number of nodes and stores can be stays below it.
local function whole(number)
  return string.format('%.0f', math.min(number, 9e18))
end

-- The meters by their keys, as they are and as they will be: each is read once and written once. What
-- nodes that are gone have left there is forgotten, the numbers of their questions too.
local meters = {}
local function meter(key)
  local known = meters[key]
  if not known then
    local all, gone = redis.call('HGETALL', key), {}
    known = { key = key, f = {}, new = {} }
    for i = 1, #all, 2 do
      local node = string.match(all[i], '^[hots]:(.*)$')
      if not node or alive[node] then
        known.f[all[i]] = all[i + 1]
      elseif #gone < 1000 then
        table.insert(gone, all[i])
      end
    end
    if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
    meters[key] = known
  end
  return known
end

local function set(m, field, value)
  m.f[field], m.new[field] = value, value
end

-- Sums a field over the nodes that live.
local function over_nodes(m, prefix)
  local sum = 0
  for field, value in pairs(m.f) do
    if string.sub(field, 1, 2) == prefix then sum = sum + tonumber(value) end
  end
  return sum
end

-- Money of the last `span` minutes. The sum moves on with time; what has left it is taken off.
local function rolling(m, span)
  local fields, key = m.f, m.key
  local from, sum = tonumber(fields['p' .. span] or -1), tonumber(fields['v' .. span] or 0)
  local first = math.floor((now - span * minute) / minute)
  if from == first then return sum end
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
  set(m, 'p' .. span, tostring(math.max(first, from)))
  set(m, 'v' .. span, whole(sum))
  return sum
end

-- Money of a window, and when it starts anew.
local function spent(m, check)
  if check.k == 'roll' then
    return rolling(m, check.i), 0
  end
  if check.k == 'five' then
    local ends = tonumber(m.f['5s']) + 300 * minute
    if now >= ends or m.f['5v'] == '0' then return 0, now + 300 * minute end
    return tonumber(m.f['5v']), ends
  end
  return tonumber(m.f[check.f]), 0
end

-- Tokens of the last minute, and when the first of them leave it.
local function tokens(m)
  local sum, key = 0, m.key .. ':k'
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
local function seats(m, session)
  local taken, count, own, key = {}, 0, false, m.key .. ':s'
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local node, seated = string.match(all[i], '^([^|]*)|(.*)$')
    if alive[node] and tonumber(all[i + 1]) > now then
      if seated == session then own = true end
      if not taken[seated] then
        taken[seated] = true
        count = count + 1
      end
    else
      redis.call('HDEL', key, all[i])
    end
  end
  return count, own
end

-- Money and tokens: who has something left and nothing running is not locked out by an estimate.
local function has_room(ask, check, used, held, wanted)
  local fits = used + held + math.max(wanted, 1) <= check.n
  return fits or (not ask.strict and held == 0 and used < check.n)
end

-- Tells whether this Redis knows the window of a check.
local function is_known(m, check)
  if check.k == 'roll' then return tonumber(m.f.b or 0) >= check.i end
  if check.k == 'five' then return m.f['5s'] end
  return check.k ~= 'sum' or m.f[check.f]
end

-- Returns why a question is refused by a check, or nothing.
local function refusal(ask, number, check, m)
  local kind = check.k
  if kind == 'rpm' then
    local key = m.key .. ':q'
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
    set(m, 'k', whole(now))
    local used, frees = tokens(m)
    local held = over_nodes(m, 't:')
    if not has_room(ask, check, used, held, ask.tokens) then
      return { 0, number, used, held, frees }
    end
  elseif kind == 'open' then
    local sum = over_nodes(m, 'o:')
    if sum >= check.n then
      return { 0, number, sum, 0, 0 }
    end
  elseif kind == 'seat' then
    local count, own = seats(m, ask.session)
    if not own and count >= check.n then
      return { 0, number, count, 0, 0 }
    end
  else
    local used, ends = spent(m, check)
    local held = over_nodes(m, 'h:')
    if not has_room(ask, check, used, held, ask.hold) then
      return { 0, number, used, held, ends }
    end
  end
end

-- Holds what a question asks for.
local function hold(ask, own)
  for _, m in ipairs(own) do
    for field, by in pairs({ ['h:'] = ask.hold, ['o:'] = 1, ['t:'] = ask.tokens }) do
      if by ~= 0 then
        set(m, field .. from.node, whole(tonumber(m.f[field .. from.node] or 0) + by))
      end
    end
    -- Questions of two workers may come in the wrong order.
    local last = tonumber(m.f['s:' .. from.node] or 0)
    set(m, 's:' .. from.node, whole(math.max(last, ask.number)))
  end
  for _, check in ipairs(ask.checks) do
    local key = own[check.m].key
    if check.k == 'rpm' then
      local last = redis.call('LINDEX', key .. ':q', -1)
      redis.call('RPUSH', key .. ':q', whole(math.max(now, tonumber(last or 0))))
      redis.call('PEXPIRE', key .. ':q', 2 * minute)
    elseif check.k == 'seat' and ask.session ~= '' then
      redis.call('HSET', key .. ':s', from.node .. '|' .. ask.session, whole(now + from.life))
      redis.call('PEXPIRE', key .. ':s', from.keep)
    end
  end
end

-- Numbers of questions, each with itself as its score.
local granted = {}
local function answer(ask, own)
  local unknown, listed = { 2 }, {}
  for _, check in ipairs(ask.checks) do
    if not listed[check.m] and not is_known(own[check.m], check) then
      listed[check.m] = true
      table.insert(unknown, check.m)
    end
  end
  if #unknown > 1 then return unknown end
  for number, check in ipairs(ask.checks) do
    local refused = refusal(ask, number, check, own[check.m])
    if refused then return refused end
  end
  hold(ask, own)
  table.insert(granted, whole(ask.number))
  table.insert(granted, whole(ask.number))
  return { 1 }
end

local answers, next_key = {}, 3
for place = 2, #ARGV do
  local ask, own = cjson.decode(ARGV[place]), {}
  for _ = 1, ask.meters do
    table.insert(own, meter(KEYS[next_key]))
    next_key = next_key + 1
  end
  table.insert(answers, answer(ask, own))
end
if #granted > 0 then
  redis.call('ZADD', KEYS[2], unpack(granted))
  redis.call('PEXPIRE', KEYS[2], from.life)
end
for key, m in pairs(meters) do
  local changed = {}
  for field, value in pairs(m.new) do
    table.insert(changed, field)
    table.insert(changed, value)
  end
  if #changed > 0 then
    redis.call('HSET', key, unpack(changed))
    redis.call('PEXPIRE', key, from.keep)
  end
end
return answers
