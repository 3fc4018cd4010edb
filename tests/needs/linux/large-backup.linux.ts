// How much memory export and import take, on the embedded store.
import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { openSqliteStore } from '../../../src/store/sqlite-store.ts'
import { runService } from '../../support/running-service.ts'
import { runToEnd } from '../../support/service-process.ts'
import { cutOnce } from '../../support/tcp-proxy.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const folder = temporaryFolder()

// Says at the end how much memory the process had at most.
const report = 'process.on("exit",()=>console.error("peak",process.resourceUsage().maxRSS*1024))'

async function peakOf(script: string, file: string, base: string): Promise<number> {
  const hook = `data:text/javascript,${encodeURIComponent(report)}`
  const args = [process.execPath, '--import', hook, `backup/${script}.ts`, file, '--url', base]
  const { code, stderr } = await runToEnd({}, args)
  assert.equal(code, 0, stderr)
  return Number(/^peak (\d+)$/m.exec(stderr)?.[1])
}

describe('a large backup', () => {
  it('goes in and out in flat memory, and survives a cut on the way in', async (t) => {
    const text = 'x'.repeat(10_000)
    const large = join(folder, 'large.ndjson')
    const lines = Array.from({ length: 15_000 }, (_, n) => `{"_id":"n${n}","text":"${text}"}\n`)
    writeFileSync(large, lines.join(''))
    const small = join(folder, 'small.ndjson')
    writeFileSync(small, '{"_id":"a"}\n')
    const service = await runService(openSqliteStore(join(folder, 'large.db')))
    const { base } = service.client
    after(() => service.close())

    const proxy = await cutOnce(service.port, 9_000_000)
    after(() => proxy.close())
    const peaks = {
      smallImport: await peakOf('import', small, base),
      largeImport: await peakOf('import', large, proxy.base),
      largeExport: await peakOf('export', join(folder, 'out.ndjson'), base),
    }
    assert.ok(proxy.cut)
    assert.equal(statSync(join(folder, 'out.ndjson')).size, statSync(large).size + 12)
    for (const [name, bytes] of Object.entries(peaks)) {
      t.diagnostic(`${name}: ${(bytes / 2 ** 20).toFixed(0)} MiB resident at most`)
    }
    // 143 MiB go through each; the rest is what the collector has not taken yet.
    assert.ok(peaks.largeImport - peaks.smallImport < 90 * 2 ** 20)
    assert.ok(peaks.largeExport - peaks.smallImport < 90 * 2 ** 20)
  })
})
