// GET /data of so many documents that a window of wrk would cut most answers: one after the other.
import { type Measuring, recorded } from './measure.ts'
import type { Run } from './raw.ts'
import type { Running } from './service.ts'
import { timedGet } from './timed.ts'

const timed = 2

/** Measures a few whole lists after one to warm up. @throws Error where an answer lacks documents */
export async function measureLongList(measuring: Measuring, service: Running): Promise<Run> {
  const { scenario } = measuring
  const url = `${service.base}${scenario.path}`
  const one = async () => {
    const answer = await timedGet(url)
    // A document has 1,024 bytes of JSON and an _id.
    if (answer.bytes < scenario.documents * 1024) {
      throw new Error(
        `${measuring.peer.name} answered ${answer.bytes} bytes: documents are missing`,
      )
    }
    return answer
  }
  await one()
  return await recorded(measuring, service, async () => {
    const answers = [await one()]
    while (answers.length < timed) answers.push(await one())
    const times = answers.map(({ seconds }) => seconds).toSorted((left, right) => left - right)
    const seconds = times.reduce((left, right) => left + right, 0)
    const [least = 0] = times
    const most = times.at(-1) ?? 0
    const loadBusy = answers.reduce((sum, { cpu }) => sum + cpu, 0) / seconds
    return {
      ...{ seconds, requests: answers.length, wrkBusy: loadBusy },
      ...{ p50: ((least + most) / 2) * 1000, p99: most * 1000 },
    }
  })
}
