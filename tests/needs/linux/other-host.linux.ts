// Who reaches the service from another machine: nobody, unless HOST says so.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { startProcess } from '../../support/service-process.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { skipWithout } from '../../support/tool.ts'

const run = promisify(execFile)
const folder = temporaryFolder()

// Two machines of the test's own: network namespaces with a cable between them.
const [here, there] = [`data-here-${process.pid}`, `data-there-${process.pid}`]
const [hereAddress, thereAddress] = ['10.213.7.1', '10.213.7.2']
const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' })

const skip =
  process.getuid?.() === 0 ? skipWithout('ip', '-V') : 'only root can make network namespaces'

describe('a service on another machine', { skip, timeout: 60_000 }, () => {
  before(() => {
    for (const name of [here, there]) ip('netns', 'add', name)
    ip('-n', here, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', there)
    ip('-n', here, 'addr', 'add', `${hereAddress}/24`, 'dev', 'v0')
    ip('-n', there, 'addr', 'add', `${thereAddress}/24`, 'dev', 'v1')
    for (const device of ['lo', 'v0']) ip('-n', here, 'link', 'set', device, 'up')
    for (const device of ['lo', 'v1']) ip('-n', there, 'link', 'set', device, 'up')
  })
  after(() => {
    for (const name of [here, there]) ip('netns', 'del', name)
  })

  const startHere = (settings: Readonly<Record<string, string>>) => {
    const node = [process.execPath, 'src/main.ts']
    return startProcess(settings, ['ip', 'netns', 'exec', here, ...node])
  }
  const askFromThere = async (port: number, headers: readonly string[] = []) => {
    const curl = ['curl', '-s', '--max-time', '5', '-o', '/dev/null', '-w', '%{http_code}']
    const given = headers.flatMap((header) => ['-H', header])
    const url = `http://${hereAddress}:${port}/data`
    try {
      return (await run('ip', ['netns', 'exec', there, ...curl, ...given, url])).stdout
    } catch (error) {
      return error instanceof Error && 'code' in error ? `curl ended with ${error.code}` : 'nothing'
    }
  }

  it('is not there unless HOST says so', async () => {
    const settings = { HOST: 'localhost', DATA_FILE: join(folder, 'alone.db') }
    const service = await startHere(settings)
    assert.equal(await askFromThere(service.port), 'curl ended with 7')
    service.signal('SIGKILL')
    await service.exited
  })

  it('is there with HOST=::, warns that it is open, and asks for a token if it has one', async () => {
    const open = await startHere({ HOST: '::', DATA_FILE: join(folder, 'open.db') })
    assert.equal(await askFromThere(open.port), '200')
    assert.match(open.lines.join('\n'), /API_TOKEN/)
    open.signal('SIGKILL')
    await open.exited
    const token = 'a-token-of-the-test-1'
    const guarded = await startHere({
      HOST: '::',
      DATA_FILE: join(folder, 'guarded.db'),
      API_TOKEN: token,
      API_TOKEN_SCOPE: 'all',
    })
    assert.equal(await askFromThere(guarded.port), '401')
    assert.equal(await askFromThere(guarded.port, [`Authorization: Bearer ${token}`]), '200')
    guarded.signal('SIGKILL')
    await guarded.exited
  })
})
