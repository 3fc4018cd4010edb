-- GET of one path, over and over.
dofile(debug.getinfo(1, 'S').source:match('@(.*/)') .. 'result.lua')
