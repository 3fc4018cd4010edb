// CPU time and memory of pods, out of their own cgroups, and CPU time of the whole machine.
import { readFileSync } from 'node:fs'
import { list, text } from '../deploy/json.ts'
import { get, type Kubectl } from '../deploy/kubectl.ts'

export interface Use {
  /** CPU seconds so far. */
  readonly seconds: number
  readonly megabytes: number
}

/** What the pods of a label have used so far, together. @throws Error where one cannot be asked */
export async function podCores(kubectl: Kubectl, label: string): Promise<Use> {
  const pods = list(await get(kubectl, 'pods', '-l', label), 'items')
  const files = ['/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/memory.current']
  const used = await Promise.all(
    pods.map(async (pod) => {
      const name = text(pod, 'metadata', 'name')
      const { code, out, err } = await kubectl(['exec', name, '--', 'cat', ...files])
      const seconds = Number(/usage_usec (\d+)/.exec(out)?.[1]) / 1e6
      const bytes = Number(/(\d+)\s*$/.exec(out)?.[1])
      if (code !== 0 || Number.isNaN(seconds + bytes)) throw new Error(`${name}: ${err || out}`)
      return { seconds, megabytes: bytes / 1e6 }
    }),
  )
  return {
    seconds: used.reduce((sum, { seconds }) => sum + seconds, 0),
    megabytes: used.reduce((sum, { megabytes }) => sum + megabytes, 0),
  }
}

/** CPU seconds of this machine so far, without what it idled: the cluster's node runs on it. */
export function machineCores(): Use {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync(
    '/proc/stat',
    'utf8',
  )
    .split('\n', 1)
    .flatMap((line) => line.trim().split(/\s+/).slice(1).map(Number))
  return { seconds: (user + nice + system + irq + softirq) / 100, megabytes: 0 }
}
