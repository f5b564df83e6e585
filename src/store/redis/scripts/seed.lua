-- Tells Redis what it does not know of a meter's windows: the sums as one node has them. Windows that
-- are known already stay as they are, so that two nodes that tell the same do not tell it twice. Those of
-- before a cut that the node knows are forgotten first.
--
-- KEYS[1] the meter  KEYS[2] numbers of the last batch of each node  KEYS[3] the last place of the log
-- ARGV[1] JSON: keep, from (the last cut that the node knows), windows {field: sum}, five {start, sum}, span,
--         buckets {minute: sum}, and sure {node, batch, place}: up to where the node knows what is known
--         here; null to take it as it is
-- Returns 1, or 0 when news is on its way between the two and the sums may be off; also without `sure`
-- when the node has not heard of the last cut.
local seed = cjson.decode(ARGV[1])
local key = KEYS[1]
if tonumber(seed.from) < last_cut(key) then
  return 0
end
if seed.sure ~= cjson.null then
  local function parts(place)
    local millis, number = string.match(place, '^(%d+)-(%d+)$')
    return tonumber(millis or 0), tonumber(number or 0)
  end
  local function is_behind(place, last)
    local millis, number = parts(place)
    local last_millis, last_number = parts(last)
    return millis < last_millis or (millis == last_millis and number < last_number)
  end
  local batch = tonumber(redis.call('HGET', KEYS[2], seed.sure.node) or 0)
  local place = redis.call('GET', KEYS[3])
  if batch > seed.sure.batch or (place and is_behind(seed.sure.place, place)) then
    return 0
  end
end
cut(key, seed.from)
for field, sum in pairs(seed.windows) do
  redis.call('HSETNX', key, field, sum)
  -- Windows of the same kind that began before are over.
  local kind, start = string.match(field, '^(%a):(%-?%d+)$')
  if kind then
    for _, other in ipairs(redis.call('HKEYS', key)) do
      local before = string.match(other, '^' .. kind .. ':(%-?%d+)$')
      if before and tonumber(before) < tonumber(start) then
        redis.call('HDEL', key, other)
      end
    end
  end
end
if redis.call('HEXISTS', key, '5s') == 0 then
  redis.call('HSET', key, '5s', seed.five.start, '5v', seed.five.sum)
end
if seed.span > 0 and tonumber(redis.call('HGET', key, 'b') or 0) < seed.span then
  redis.call('DEL', key .. ':b')
  redis.call('HDEL', key, 'p300', 'v300', 'p1440', 'v1440')
  for minute, sum in pairs(seed.buckets) do
    redis.call('HSET', key .. ':b', minute, sum)
  end
  redis.call('HSET', key, 'b', seed.span)
  redis.call('PEXPIRE', key .. ':b', seed.keep)
end
redis.call('PEXPIRE', key, seed.keep)
return 1
