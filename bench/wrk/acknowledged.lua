-- Notes the _id of every document that an answer acknowledges, so that each can be looked for.
local file

function note_into(path)
  file = assert(io.open(path, 'a'))
  -- Small, so that little is lost when wrk ends without closing it; `done` runs in another state.
  file:setvbuf('full', 4096)
end

function response(status, _, body)
  if status ~= 201 then return end
  -- json-server numbers its documents.
  local id = body:match('"_id":%s*"?([^",%s}]+)')
  if id then file:write(id, '\n') return end
  for each in body:match('"ids":%s*(%b[])'):gmatch('"([^"]+)"') do file:write(each, '\n') end
end
