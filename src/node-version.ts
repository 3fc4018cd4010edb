// Stops with one clear sentence where this Node is too old; imported first, before anything that needs a newer one.

const needed = [22, 13] as const // node:sqlite works without a flag from 22.13 on
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `This service needs Node ${needed.join('.')} or newer; this is Node ${process.versions.node} ` +
      `(${process.execPath}).\n` +
      'Run it by `npm start` after `npm ci`: that uses the Node that package.json pins.\n',
  )
  process.exit(2)
}
