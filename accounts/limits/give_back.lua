-- Gives back what was taken from several buckets.
--
-- KEYS     one for each bucket, as in buckets.lua.
-- ARGV     for each bucket what to take off the debt, in microseconds.
--
-- Reply: for each bucket its debt afterwards in microseconds.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local full_again = redis.call('MGET', unpack(KEYS))

local reply = {}
for i = 1, #KEYS do
    local debt = math.max((tonumber(full_again[i]) or now) - now - tonumber(ARGV[i]), 0)
    if full_again[i] then
        if debt > 0 then
            redis.call('SET', KEYS[i], string.format('%.0f', now + debt),
                       'PX', string.format('%.0f', math.ceil(debt / 1000) + 1000))
        else
            redis.call('DEL', KEYS[i])
        end
    end
    reply[i] = debt
end
return reply
