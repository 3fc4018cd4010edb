// The peers: what is measured side by side, and how each is started.

/** Where the documents are: in a server of MongoDB's protocol, or in the process itself. */
export type Backend = 'mongod' | 'ferretdb' | 'stand-in' | 'embedded'

export interface Peer {
  readonly name: string
  readonly title: string
  readonly places: readonly Backend[]
  /** OURS and BASE are the command of the image of this build and of the one before; PORT and FILE a port and a file. */
  readonly command: readonly string[]
  readonly settings?: Readonly<Record<string, string>>
  /** The path that answers once it serves. */
  readonly alive?: string
}

const servers = ['mongod', 'ferretdb', 'stand-in'] as const
const everywhere = [...servers, 'embedded'] as const
const quiet = { LOG_LEVEL: 'warn' }

/** Every peer. `base` is another build of this service, named by --base. */
const peers: readonly Peer[] = [
  {
    name: 'ours',
    title: 'this service',
    places: everywhere,
    command: ['OURS'],
    settings: quiet,
  },
  {
    name: 'ours-log',
    title: 'this service, one log line per request (its default)',
    places: everywhere,
    command: ['OURS'],
  },
  {
    name: 'ours-indexed',
    title: 'this service with two indexes',
    places: everywhere,
    command: ['OURS'],
    settings: { ...quiet, INDEXES: 'number,address.city' },
  },
  {
    name: 'base',
    title: 'this service before',
    places: everywhere,
    command: ['BASE'],
    settings: quiet,
  },
  {
    name: 'node-http',
    title: 'bare node:http, a constant',
    places: servers,
    command: ['node', 'bench/peers/node-http.js'],
  },
  {
    name: 'express',
    title: 'Express 5 + mongodb',
    places: servers,
    command: ['node', 'bench/peers/express-mongodb.js'],
  },
  {
    name: 'fastify',
    title: 'Fastify 5 + @fastify/mongodb',
    places: servers,
    command: ['node', 'bench/peers/fastify-mongodb.js'],
  },
  {
    name: 'fastify-log',
    title: 'Fastify 5, `logger: true`',
    places: servers,
    command: ['node', 'bench/peers/fastify-mongodb.js'],
    settings: { REQUEST_LOG: 'true' },
  },
  {
    name: 'flask',
    title: 'Flask + PyMongo, gunicorn with 4 threads',
    places: ['ferretdb', 'mongod'],
    command: [
      ...['bench/.venv/bin/gunicorn', '--chdir', 'bench/peers', '--bind', '127.0.0.1:PORT'],
      ...['--workers', '1', '--threads', '4', 'flask_pymongo:app'],
    ],
  },
  {
    name: 'driver',
    title: '`insertMany` of the bare driver, objects made beforehand',
    places: servers,
    command: [],
  },
  {
    name: 'express-sqlite',
    title: 'Express 5 + better-sqlite3',
    places: ['embedded'],
    command: ['node', 'bench/peers/express-better-sqlite3.js'],
  },
  {
    name: 'json-server',
    title: 'json-server, which writes its whole file at each POST',
    places: ['embedded'],
    command: [
      ...['node', 'bench/node_modules/json-server/lib/cli/bin.js', '--quiet', '--id', '_id'],
      ...['--host', '127.0.0.1', '--port', 'PORT', 'FILE'],
    ],
    alive: '/data',
  },
]

/** The peer of that name. @throws Error that lists the names */
export function peerOf(name: string): Peer {
  const found = peers.find((peer) => peer.name === name)
  if (found) return found
  throw new Error(
    `There is no peer ${name}; there are ${peers.map((peer) => peer.name).join(', ')}.`,
  )
}
