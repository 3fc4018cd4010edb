// Stops with one clear sentence where this Node is too old; imported first, before anything that needs a newer one.

// Node 22 never lets go of a pipelined request whose client has left, and fills its memory with them.
const needed = 24

if (Number.parseInt(process.versions.node, 10) < needed) {
  process.stderr.write(
    `This service needs Node ${needed} or newer; this is Node ${process.versions.node} ` +
      `(${process.execPath}).\n` +
      'npm ci --include=dev --ignore-scripts=false brings the one that package.json pins, and npm start uses it.\n',
  )
  process.exit(2)
}
