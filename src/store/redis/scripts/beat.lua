-- A node says that it lives, and what it holds of each meter, absolutely: what was lost, doubled or
-- late before is right again after this.
--
-- KEYS[1] living nodes: hash of node -> last seen, ms  KEYS[2] numbers of the last batch of each node
-- KEYS[3] when each node last said that it has told everything, ms
-- KEYS[4] numbers of this node's questions that were granted
-- ARGV[1] JSON: node, asked (the number of its last question then), told (it has told everything), since (how
--         long ago it found Redis, ms), now (0: the clock of Redis), life, keep,
--         meters [{k, h, o, t, s [sessions]}] and flying [{n, h, o, t, m [places]}] (questions that the node
--         had no answer to then, by number; what they ask for is in none of the meters)
-- Returns the number of nodes that live, that of nodes that have told everything (others: since then), and behind
-- them the places (from 1) of meters that were skipped.
local beat = cjson.decode(ARGV[1])
local now = beat.now
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
redis.call('HSET', KEYS[1], beat.node, string.format('%.0f', now))
local living = 0
local seen = redis.call('HGETALL', KEYS[1])
for i = 1, #seen, 2 do
  if now - tonumber(seen[i + 1]) < beat.life then
    living = living + 1
  elseif now - tonumber(seen[i + 1]) > 86400000 then
    -- Its numbers are kept for longer than it counts: it may only have been cut off.
    redis.call('HDEL', KEYS[1], seen[i])
    redis.call('HDEL', KEYS[2], seen[i])
    redis.call('HDEL', KEYS[3], seen[i])
  end
end

-- Of the questions that flew, those that were granted are held: the node did not know it yet. Those
-- that come later add what they hold themselves.
local more, granted = {}, {}
for _, flight in ipairs(beat.flying) do
  local number = string.format('%.0f', flight.n)
  if redis.call('ZSCORE', KEYS[4], number) then
    table.insert(granted, number)
    for _, place in ipairs(flight.m) do
      local all = more[place] or { h = 0, o = 0, t = 0 }
      all.h, all.o, all.t = all.h + flight.h, all.o + flight.o, all.t + flight.t
      more[place] = all
    end
  end
end
-- Of the others no beat will ask any more.
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('%.0f', beat.asked))
for _, number in ipairs(granted) do redis.call('ZADD', KEYS[4], number, number) end
if #granted > 0 then redis.call('PEXPIRE', KEYS[4], beat.life) end

local told = 0
local last = redis.call('HGETALL', KEYS[3])
for i = 1, #last, 2 do
  if now - tonumber(last[i + 1]) > 86400000 then
    -- A node that left in order is on no list any more.
    redis.call('HDEL', KEYS[3], last[i])
  elseif last[i] ~= beat.node and now - tonumber(last[i + 1]) < beat.since then
    told = told + 1
  end
end
if beat.told then
  told = told + 1
  redis.call('HSET', KEYS[3], beat.node, string.format('%.0f', now))
end
local answer = { living, told }
for place, meter in ipairs(beat.meters) do
  local key = meter.k
  local function set(field, value, flown)
    if flown ~= 0 then value = string.format('%.0f', tonumber(value) + flown) end
    if value == '0' then
      redis.call('HDEL', key, field .. beat.node)
    else
      redis.call('HSET', key, field .. beat.node, value)
    end
  end
  -- What was let in behind that question is not in what the beat says: the next one has it. The node
  -- tells what else has changed.
  if tonumber(redis.call('HGET', key, 's:' .. beat.node) or 0) <= beat.asked then
    local flown = more[place] or { h = 0, o = 0, t = 0 }
    set('h:', meter.h, flown.h)
    set('o:', meter.o, flown.o)
    set('t:', meter.t, flown.t)
  else
    table.insert(answer, place)
  end
  redis.call('PEXPIRE', key, beat.keep)
  for _, session in ipairs(meter.s) do
    redis.call('HSET', key .. ':s', beat.node .. '|' .. session, string.format('%.0f', now + beat.life))
    redis.call('PEXPIRE', key .. ':s', beat.keep)
  end
end
return answer
