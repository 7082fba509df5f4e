-- A little of everything: closures, metatables, strings, patterns, integers and floats, sorting, garbage.
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print("fib(18)", fib(18))

local Account = {}
Account.__index = Account
Account.__add = function(a, b) return Account.new(a.balance + b.balance) end
Account.__tostring = function(a) return "account of " .. a.balance end
function Account.new(balance) return setmetatable({ balance = balance }, Account) end
function Account:deposit(amount) self.balance = self.balance + amount return self end
print(Account.new(100):deposit(20) + Account.new(3))

local words = {}
for word in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do words[#words + 1] = word end
table.sort(words, function(a, b) return #a == #b and a < b or #a < #b end)
print(table.concat(words, " "))
print(("wasm"):rep(3, "-"), ("hello"):upper():reverse(), ("%5.2f|%-6s|%x"):format(math.pi, "ab", 255))
print(7 // 2, -7 // 2, 7 % -3, 7 / 2, 2 ^ 10, 1 << 62, math.maxinteger + 1 == math.mininteger, 0x7fp-2)
print(("key = value"):gsub("(%w+) = (%w+)", "%2 = %1"))
print(select("#", table.unpack({ 1, 2, 3, nil, 5 }, 1, 5)), utf8.char(8364, 233), utf8.len("żółw"))

local sieve, primes = {}, 0
for i = 2, 2000 do
  if not sieve[i] then
    primes = primes + 1
    for j = i * i, 2000, i do sieve[j] = true end
  end
end
print("primes below 2000", primes)

local total = 0
for round = 1, 200 do
  local rows = {}
  for i = 1, 20 do rows[i] = { i, tostring(i * round) } end
  total = total + #rows[20][2]
end
collectgarbage()
print("garbage", total, collectgarbage("count") < 200)
print("arguments", #arg, arg[1], load("return 6 * 7")())
