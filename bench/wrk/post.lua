-- POST /data of the body in the file of the first argument; each _id that comes back is noted in
-- the file of the second. "0000000000" in the body becomes a number of its own.
local here = debug.getinfo(1, 'S').source:match('@(.*/)')
dofile(here .. 'result.lua')
dofile(here .. 'acknowledged.lua')
local before, after
local count = 0

function init(args)
  local file = assert(io.open(args[1]))
  local body = file:read('*a')
  file:close()
  local text = wrk.format('POST', '/data', { ['Content-Type'] = 'application/json' }, body)
  local from, to = text:find('0000000000', 1, true)
  before, after = text:sub(1, from - 1), text:sub(to + 1)
  note_into(args[2])
end

function request()
  count = count + 1
  return before .. string.format('%010d', count) .. after
end
