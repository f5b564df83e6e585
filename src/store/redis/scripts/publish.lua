-- What has ended on one node: its holds are given back, its money counts for everybody, and the news
-- goes on to the other nodes. A batch that comes twice counts once.
--
-- KEYS[1] numbers of the last batch of each node  KEYS[2] the log that all nodes follow
-- KEYS[3] the last place of the log
-- ARGV[1] JSON: node, batch, now (0: the clock of Redis), most, keep, ends
--         [{at, minute, due, hold, open, tokens, cost, used, seat, grace,
--         meters [{k, f [window fields]}]}]
--         and resets [{k, at}] (meters whose money until then counts no longer, after all that ends here)
-- ARGV[2] the news for the others, as they read it; empty for none
-- Returns 1 when the batch counted, 0 when it had counted before.
local batch = cjson.decode(ARGV[1])
if tonumber(redis.call('HGET', KEYS[1], batch.node) or -1) >= batch.batch then
  return 0
end
redis.call('HSET', KEYS[1], batch.node, batch.batch)
local now = batch.now
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local five_hours = 18000000

-- Takes what is older than the first minute out of the rolling sums, and forgets it.
local function move_on(key, first)
  for _, span in ipairs({ '300', '1440' }) do
    local from = tonumber(redis.call('HGET', key, 'p' .. span))
    if from and first - from > 3000 then
      redis.call('HDEL', key, 'p' .. span, 'v' .. span)
    elseif from then
      while from < first do
        local gone = redis.call('HGET', key .. ':b', from)
        -- Not the negative: that of a minute without money is no whole number here.
        if gone then redis.call('HINCRBY', key, 'v' .. span, 0 - gone) end
        from = from + 1
      end
      redis.call('HSET', key, 'p' .. span, string.format('%.0f', from))
    end
  end
  local kept = tonumber(redis.call('HGET', key, 'f') or first - 1)
  if first - kept > 3000 then
    for _, minute in ipairs(redis.call('HKEYS', key .. ':b')) do
      if tonumber(minute) < first then redis.call('HDEL', key .. ':b', minute) end
    end
  else
    for minute = kept, first - 1 do
      redis.call('HDEL', key .. ':b', minute)
    end
  end
  redis.call('HSET', key, 'f', string.format('%.0f', first))
end

-- Counts tokens where somebody has asked for them lately, and forgets those of another minute.
local function count_tokens(key, ended)
  local asked = tonumber(redis.call('HGET', key, 'k') or 0)
  if now - asked > 120000 then return end
  redis.call('HINCRBY', key .. ':k', math.floor(ended.at / 1000), ended.used)
  redis.call('PEXPIRE', key .. ':k', 120000)
end

local function charge(key, ended, windows)
  -- What counts no longer still has begun the five hours.
  local cost = tonumber(ended.due) < last_cut(key) and '0' or ended.cost
  for _, field in ipairs(windows) do
    if redis.call('HEXISTS', key, field) == 1 then
      redis.call('HINCRBY', key, field, cost)
    end
  end
  local start = tonumber(redis.call('HGET', key, '5s'))
  if start then
    if ended.at >= start + five_hours then
      redis.call('HSET', key, '5s', string.format('%.0f', ended.at), '5v', cost)
    elseif ended.at + five_hours > start then
      redis.call('HINCRBY', key, '5v', cost)
    end
  end
  local kept = tonumber(redis.call('HGET', key, 'b') or 0)
  if kept > 0 then
    local oldest = math.floor((now - kept * 60000) / 60000)
    move_on(key, oldest)
    -- What has left every window already must not enter a sum that it could not leave again.
    if ended.minute < oldest then return end
    redis.call('HINCRBY', key .. ':b', ended.minute, cost)
    redis.call('PEXPIRE', key .. ':b', batch.keep)
    for _, span in ipairs({ '300', '1440' }) do
      local from = tonumber(redis.call('HGET', key, 'p' .. span))
      if from and ended.minute >= from then
        redis.call('HINCRBY', key, 'v' .. span, cost)
      end
    end
  end
end

for _, ended in ipairs(batch.ends) do
  for _, meter in ipairs(ended.meters) do
    local key = meter.k
    if redis.call('EXISTS', key) == 1 then
      local function add(field, by)
        if by ~= 0 and redis.call('HINCRBY', key, field .. batch.node, by) <= 0 then
          redis.call('HDEL', key, field .. batch.node)
        end
      end
      add('h:', ended.hold)
      add('o:', ended.open)
      add('t:', ended.tokens)
      if ended.cost ~= '0' then
        charge(key, ended, meter.f)
      end
      if ended.used > 0 then
        count_tokens(key, ended)
      end
      if ended.seat ~= '' then
        local seat = batch.node .. '|' .. ended.seat
        if redis.call('HEXISTS', key .. ':s', seat) == 1 then
          redis.call('HSET', key .. ':s', seat, string.format('%.0f', now + ended.grace))
        end
      end
    end
  end
end
for _, reset in ipairs(batch.resets) do
  cut(reset.k, reset.at)
  redis.call('PEXPIRE', reset.k, batch.keep)
end
if ARGV[2] ~= '' then
  local place = redis.call('XADD', KEYS[2], 'MAXLEN', '~', batch.most, '*', 'n', batch.node, 'd', ARGV[2])
  redis.call('SET', KEYS[3], place)
end
return 1
