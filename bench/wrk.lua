-- What wrk sends; arguments: the kind of load (get, one, post or mixed), a file of ids, a file with the body,
-- and a file into which the _id of each document goes that an answer acknowledges.
local kind, notes
local reads = {}
local before, after
local count = 0

local function read(path)
  local file = assert(io.open(path))
  local text = file:read('*a')
  file:close()
  return text
end

function init(args)
  kind = args[1]
  if kind == 'one' or kind == 'mixed' then
    for id in io.lines(args[2]) do reads[#reads + 1] = wrk.format('GET', '/data/' .. id) end
  end
  if kind == 'post' or kind == 'mixed' then
    local headers = { ['Content-Type'] = 'application/json' }
    local text = wrk.format('POST', '/data', headers, read(args[3]))
    -- "0000000000" in the body becomes a number of its own.
    local from, to = text:find('0000000000', 1, true)
    before, after = text:sub(1, from - 1), text:sub(to + 1)
    notes = assert(io.open(args[4], 'a'))
    -- Small, so that little is lost when wrk ends without closing it; `done` runs in another state.
    notes:setvbuf('full', 4096)
  else
    response = nil -- wrk keeps no bodies then
  end
  if kind == 'get' then request = nil end -- always the same one
end

function request()
  if kind == 'one' or kind == 'mixed' and math.random(10) > 1 then return reads[math.random(#reads)] end
  count = count + 1
  return before .. string.format('%010d', count) .. after
end

function response(status, _, body)
  if status ~= 201 then return end
  -- json-server numbers its documents.
  local id = body:match('"_id":%s*"?([^",%s}]+)')
  if id then notes:write(id, '\n') end
end

-- One line of JSON for the bench to read.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
