// Stops with one clear sentence if this Node is too old; imported first, before anything that needs a newer one.

// Node 22 never lets go of a pipelined request whose client has left; the commands' import.meta.main came with 24.2.
const needed = '24.2'
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 2)) {
  process.stderr.write(
    `This service needs Node ${needed} or newer; this is Node ${process.versions.node} ` +
      `(${process.execPath}).\n` +
      'npm ci --include=dev --ignore-scripts=false brings the one that package.json pins, and npm start uses it.\n',
  )
  process.exit(2)
}
