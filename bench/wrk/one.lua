-- GET /data/{id} of a random id; the first argument names a file of ids, one a line.
dofile(debug.getinfo(1, 'S').source:match('@(.*/)') .. 'result.lua')
local requests = {}

function init(args)
  for id in io.lines(args[1]) do requests[#requests + 1] = wrk.format('GET', '/data/' .. id) end
end

function request()
  return requests[math.random(#requests)]
end
