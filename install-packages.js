// Before a script of package.json: installs the packages it needs and looks for a Node that is new enough.
// Plain JavaScript for an old Node, without dependencies: a fresh clone has nothing else.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve, sep } from 'node:path'

// NODE_ENV=production and npm's omit leave out packages that every script needs.
const install = ['ci', '--include=dev', '--include=optional']
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))

function stop(sentence, code = 2) {
  process.stderr.write(`${sentence}\n`)
  process.exit(code)
}

/** Why `npm ci` has to run, or undefined. npm writes the hidden lock file last, so it means a complete run. */
function missingPackages() {
  const hidden = 'node_modules/.package-lock.json'
  if (!existsSync(hidden)) return 'The packages are not installed yet'
  const wanted = read('package-lock.json').packages
  const installed = read(hidden).packages
  // Optional ones are for other systems. The lock's date says little: a checkout changes it, too.
  const isThere = (path) =>
    installed[path] === undefined
      ? wanted[path].optional === true
      : installed[path].version === wanted[path].version
  const missing = Object.keys(wanted).find((path) => path !== '' && !isThere(path))
  return missing && `${missing} is not as in package-lock.json`
}

const [major, minor] = process.versions.node.split('.').map(Number)
// Its npm cannot read this lock file, or cannot bring the pinned Node.
const oldestInstaller = 18

function installPackages(why) {
  if (major < oldestInstaller) {
    stop(`Node ${process.versions.node} is too old. Install one of https://nodejs.org/en/download`)
  }
  const command = `npm ${install.join(' ')}`
  const { npm_execpath: npm = '', npm_node_execpath: node = process.execPath } = process.env
  // Windows does not delete a running program, and npm would replace this very Node.
  const isOurs = process.execPath.startsWith(resolve('node_modules') + sep)
  const isBusy = process.platform === 'win32' && isOurs
  if (isBusy || !/npm-cli\.js$/.test(npm)) stop(`${why}. Type: ${command}`)
  process.stderr.write(`${why}; this takes about a minute:\n+ ${command}\n`)
  // No warning that this Node is old while the pinned one is being installed; and not the silence of --silent.
  const env = { ...process.env, npm_config_loglevel: 'error' }
  // Standard input and output belong to the script: an export may write documents there.
  const { status } = spawnSync(node, [npm, ...install], { env, stdio: ['ignore', 2, 2] })
  if (status !== 0) stop(`npm ci failed; its reason is above. Then again: ${command}`, status ?? 1)
}

const why = missingPackages()
if (why) installPackages(why)

// Run as a program it comes before the script, for which npm finds the pinned Node first.
const isImported = !/install-packages\.js$/.test(process.argv[1] ?? '')
const isPinnedThere = ['node', 'node.exe'].some((name) =>
  existsSync(`node_modules/node/bin/${name}`),
)
const needed = read('package.json').engines.node.replace(/^\D*/, '')
const [neededMajor, neededMinor = 0] = needed.split('.').map(Number)
const isOld = major < neededMajor || (major === neededMajor && minor < neededMinor)
if (isOld && (isImported || !isPinnedThere)) {
  stop(
    `Node ${process.versions.node} is too old, ${needed} or newer is needed, and npm has not installed the pinned one (is its ignore-scripts on?). Type: npm ${install.join(' ')} --ignore-scripts=false`,
  )
}
