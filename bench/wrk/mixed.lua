-- Nine reads of a random id to one write; arguments: the file of ids, the body, the file of notes.
local here = debug.getinfo(1, 'S').source:match('@(.*/)')
dofile(here .. 'result.lua')
dofile(here .. 'acknowledged.lua')
local reads = {}
local write

function init(args)
  for id in io.lines(args[1]) do reads[#reads + 1] = wrk.format('GET', '/data/' .. id) end
  local file = assert(io.open(args[2]))
  local headers = { ['Content-Type'] = 'application/json' }
  write = wrk.format('POST', '/data', headers, file:read('*a'))
  file:close()
  note_into(args[3])
end

function request()
  return math.random(10) == 1 and write or reads[math.random(#reads)]
end
