-- What an owner has spent before a cut counts no longer. The meter keeps the cut, `cut`, in microseconds
-- since 1970: who has not heard of it cannot bring back what was forgotten.

-- Tells the last cut of a meter; 0 for none.
local function last_cut(key)
  return tonumber(redis.call('HGET', key, 'cut') or 0)
end

-- Forgets the money of a meter, unless that was done for this cut or a later one. Windows that are not
-- known are told anew, by a node that has heard of the cut.
local function cut(key, at)
  if tonumber(at) <= last_cut(key) then return end
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.match(field, '^[dwc]:%-?%d+$') then
      redis.call('HDEL', key, field)
    end
  end
  redis.call('HDEL', key, 'all', '5s', '5v', 'b', 'p300', 'v300', 'p1440', 'v1440')
  redis.call('DEL', key .. ':b')
  redis.call('HSET', key, 'cut', at)
end

