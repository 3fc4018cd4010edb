// CPU time and memory of the processes of pods, and CPU time of the whole machine.
import { readFileSync } from 'node:fs'
import { get, type Kubectl, list, text } from '../deploy/cluster/kubectl.ts'
import { ticksPerSecond } from './process-use.ts'

export interface PodsUse {
  /** CPU seconds so far. */
  readonly seconds: number
  readonly megabytes: number
}

/** What the pods of a label have used so far, together. @throws Error where one cannot be asked */
export async function podsUse(kubectl: Kubectl, label: string): Promise<PodsUse> {
  const pods = list(await get(kubectl, 'pods', '-l', label), 'items')
  // Of the first process, which does all the work: where a cgroup's own counts are depends on the node.
  const files = ['/proc/1/stat', '/proc/1/status']
  const used = await Promise.all(
    pods.map(async (pod) => {
      const name = text(pod, 'metadata', 'name')
      const { code, out, err } = await kubectl(['exec', name, '--', 'cat', ...files])
      // Behind the program's name, which may hold spaces: utime and stime are the 12th and 13th field.
      const [, user, system] = /\) \S(?: -?\d+){10} (\d+) (\d+) /.exec(out) ?? []
      const seconds = (Number(user) + Number(system)) / ticksPerSecond
      const megabytes = Number(/^VmRSS:\s+(\d+)/m.exec(out)?.[1]) / 1000
      if (code !== 0 || Number.isNaN(seconds + megabytes)) throw new Error(`${name}: ${err || out}`)
      return { seconds, megabytes }
    }),
  )
  return {
    seconds: used.reduce((sum, { seconds }) => sum + seconds, 0),
    megabytes: used.reduce((sum, { megabytes }) => sum + megabytes, 0),
  }
}

/** CPU seconds of this machine so far, without what it idled: the cluster's node runs on it. */
export function machineSeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync(
    '/proc/stat',
    'utf8',
  )
    .split('\n', 1)
    .flatMap((line) => line.trim().split(/\s+/).slice(1).map(Number))
  return (user + nice + system + irq + softirq) / ticksPerSecond
}
