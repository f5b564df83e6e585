-- What has ended on one node: its holds are given back, its money counts for everybody, and the news
-- goes on to the other nodes. A batch that comes twice counts once. Each meter is read once and
-- written once, however much of it has changed.
--
-- KEYS[1] numbers of the last batch of each node  KEYS[2] the log that all nodes follow
-- KEYS[3] the last place of the log
-- ARGV[1] JSON: node, batch, now (0: the clock of Redis), log {keep (ms), most (entries)}, keep, meters [keys], windows [[fields]],
--         held [{m, h, o, t}] (m: place in meters; what is held more of it: money, requests, tokens),
--         rests [{s, grace, m [places]}] (seats that rest now),
--         ends [{at, due, cost, used, p [{m, w}]}] (charges; due: the instant that cuts look at, in
--         microseconds; w: place in windows) and
--         resets [{k, at}] (meters whose money until then counts no longer, after all that ends here)
-- ARGV[2] the news for the others, as they read it; empty for none
-- Returns 1 when the batch counted, 0 when it had counted before.
local batch = cjson.decode(ARGV[1])
if tonumber(redis.call('HGET', KEYS[1], batch.node) or -1) >= batch.batch then
  return 0
end
local now = batch.now
if now == 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local five_hours = 18000000

-- What is more than a whole number of nodes and stores can be stays below it.
local function whole(number)
  return string.format('%.0f', math.min(number, 9e18))
end

-- The meters, as they are and as they will be; false for those that nobody has asked about.
local meters = {}
local function meter(place)
  local known = meters[place]
  if known == nil then
    local all = redis.call('HGETALL', batch.meters[place])
    known = #all > 0 and { key = batch.meters[place], f = {}, new = {}, gone = {}, minutes = {}, seconds = {}, old = {} }
    for i = 1, #all, 2 do
      known.f[all[i]] = all[i + 1]
    end
    meters[place] = known
  end
  return known
end

local function set(m, field, value)
  m.f[field], m.new[field], m.gone[field] = value, value, nil
end

local function remove(m, field)
  if m.f[field] then
    m.f[field], m.new[field], m.gone[field] = nil, nil, true
  end
end

local function add(m, field, by)
  set(m, field, whole(tonumber(m.f[field] or 0) + by))
end

-- Takes what is older than the first minute out of the rolling sums, and has it forgotten in the end.
local function move_on(m, first)
  local buckets = m.key .. ':b'
  for _, span in ipairs({ '300', '1440' }) do
    local from = tonumber(m.f['p' .. span] or -1)
    if from >= 0 and first - from > 3000 then
      remove(m, 'p' .. span)
      remove(m, 'v' .. span)
    elseif from >= 0 and from < first then
      while from < first do
        local gone = redis.call('HGET', buckets, from)
        if gone then add(m, 'v' .. span, 0 - gone) end
        from = from + 1
      end
      set(m, 'p' .. span, whole(from))
    end
  end
  local kept = tonumber(m.f.f or first - 1)
  if first - kept > 3000 then
    for _, minute in ipairs(redis.call('HKEYS', buckets)) do
      if tonumber(minute) < first then table.insert(m.old, minute) end
    end
  else
    for minute = kept, first - 1 do
      table.insert(m.old, minute)
    end
  end
  if kept ~= first then set(m, 'f', whole(first)) end
end

local function charge(m, ended, windows)
  -- What counts no longer still has begun the five hours.
  local cost = tonumber(ended.due) < tonumber(m.f.cut or 0) and 0 or ended.cost
  for _, field in ipairs(windows) do
    if m.f[field] then add(m, field, cost) end
  end
  local start = tonumber(m.f['5s'])
  if start then
    if ended.at >= start + five_hours then
      set(m, '5s', whole(ended.at))
      set(m, '5v', whole(cost))
    elseif ended.at + five_hours > start then
      add(m, '5v', cost)
    end
  end
  local kept = tonumber(m.f.b or 0)
  if kept > 0 then
    local oldest = math.floor((now - kept * 60000) / 60000)
    if not m.moved then
      move_on(m, oldest)
      m.moved = true
    end
    local minute = math.floor(ended.at / 60000)
    -- What has left every window already must not enter a sum that it could not leave again.
    if minute < oldest then return end
    m.minutes[minute] = (m.minutes[minute] or 0) + cost
    for _, span in ipairs({ '300', '1440' }) do
      local from = tonumber(m.f['p' .. span])
      if from and minute >= from then add(m, 'v' .. span, cost) end
    end
  end
end

for _, held in ipairs(batch.held) do
  local m = meter(held.m)
  if m then
    for field, by in pairs({ ['h:'] = held.h, ['o:'] = held.o, ['t:'] = held.t }) do
      local own = field .. batch.node
      local left = tonumber(m.f[own] or 0) + by
      if left <= 0 then
        remove(m, own)
      elseif by ~= 0 then
        set(m, own, whole(left))
      end
    end
  end
end
for _, ended in ipairs(batch.ends) do
  for _, payer in ipairs(ended.p) do
    local m = meter(payer.m)
    if m then
      if ended.cost ~= 0 then
        charge(m, ended, batch.windows[payer.w])
      end
      -- Tokens are counted where somebody has asked for them lately.
      if ended.used > 0 and now - tonumber(m.f.k or 0) <= 120000 then
        local second = math.floor(ended.at / 1000)
        m.seconds[second] = (m.seconds[second] or 0) + ended.used
      end
    end
  end
end
for _, rest in ipairs(batch.rests) do
  for _, place in ipairs(rest.m) do
    local m = meter(place)
    local seats, seat = batch.meters[place] .. ':s', batch.node .. '|' .. rest.s
    if m and redis.call('HEXISTS', seats, seat) == 1 then
      redis.call('HSET', seats, seat, whole(now + rest.grace))
    end
  end
end

-- From here on it counts: what can fail is behind us.
redis.call('HSET', KEYS[1], batch.node, batch.batch)

-- Adds to the counts beside a meter, by minute or second, and has them go some time.
local function count(key, counts, keep)
  local any = false
  for at, by in pairs(counts) do
    redis.call('HINCRBY', key, whole(at), whole(by))
    any = true
  end
  if any then redis.call('PEXPIRE', key, keep) end
end
for _, m in pairs(meters) do
  if m then
    local changed, gone = {}, {}
    for field, value in pairs(m.new) do
      table.insert(changed, field)
      table.insert(changed, value)
    end
    for field in pairs(m.gone) do table.insert(gone, field) end
    -- In this order: a hash that is empty for a moment loses its time to go.
    if #changed > 0 then redis.call('HSET', m.key, unpack(changed)) end
    if #gone > 0 then redis.call('HDEL', m.key, unpack(gone)) end
    for _, minute in ipairs(m.old) do redis.call('HDEL', m.key .. ':b', minute) end
    count(m.key .. ':b', m.minutes, batch.keep)
    count(m.key .. ':k', m.seconds, 120000)
  end
end
for _, reset in ipairs(batch.resets) do
  cut(reset.k, reset.at)
  redis.call('PEXPIRE', reset.k, batch.keep)
end
if ARGV[2] ~= '' then
  -- Each entry names the one before it: who follows sees when that is not the one it has read.
  local before = redis.call('GET', KEYS[3]) or '0-0'
  local time = redis.call('TIME')
  local oldest = whole(math.max(time[1] * 1000 - batch.log.keep, 0))
  local place = redis.call('XADD', KEYS[2], 'MINID', '~', oldest, '*', 'n', batch.node, before, ARGV[2])
  redis.call('XTRIM', KEYS[2], 'MAXLEN', '~', batch.log.most)
  redis.call('SET', KEYS[3], place)
end
return 1
