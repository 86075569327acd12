-- Takes from several buckets at once, or from none of them.
--
-- KEYS     one for each bucket. A key holds the time at which its bucket is full again, in microseconds of this
--          server's clock; a bucket without a key is full.
-- ARGV[1]  1 to take, 0 to look only.
-- Then for each bucket: what the cost adds to the debt and the largest debt allowed, both in microseconds (a negative
-- largest debt never allows), and 1 where a refusal counts or 0 where it is only told.
--
-- Reply: 1 or 0 for admitted, then for each bucket 1 or 0 for allowed and its debt afterwards in microseconds.
-- All numbers are integers below 2^53, where doubles are exact.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local full_again = redis.call('MGET', unpack(KEYS))

local debts, allowed = {}, {}
local all_allow = {['1'] = true, ['0'] = true}
for i = 1, #KEYS do
    local added, largest, enforced = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), ARGV[3 * i + 1]
    local debt = math.max((tonumber(full_again[i]) or now) - now, 0)
    -- No bucket is emptier than empty: after a raised rate, or a clock set back, it fills at today's pace.
    debts[i] = math.min(debt, math.max(largest, 0))
    allowed[i] = debts[i] + added <= largest
    all_allow[enforced] = all_allow[enforced] and allowed[i]
end

local admitted = all_allow['1']
if ARGV[1] == '1' and admitted then
    for i = 1, #KEYS do
        local added, enforced = tonumber(ARGV[3 * i - 1]), ARGV[3 * i + 1]
        if added > 0 and all_allow[enforced] then
            debts[i] = debts[i] + added
            local milliseconds = math.ceil(debts[i] / 1000) + 1000
            redis.call('SET', KEYS[i], string.format('%.0f', now + debts[i]),
                       'PX', string.format('%.0f', milliseconds))
        end
    end
end

local reply = {admitted and 1 or 0}
for i = 1, #KEYS do
    reply[2 * i] = allowed[i] and 1 or 0
    reply[2 * i + 1] = debts[i]
end
return reply
