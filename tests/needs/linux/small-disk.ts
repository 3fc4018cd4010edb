// A small file system of its own, in memory: for a disk that fills up or may only be read.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Why none can be mounted here, or false. */
export const noSmallDisk: string | false =
  process.platform !== 'linux'
    ? 'only Linux mounts a file system in memory so'
    : process.getuid?.() === 0
      ? false
      : 'only root may mount a file system'

export interface SmallDisk {
  readonly folder: string
  /** Makes it larger or smaller, in KiB. */
  resize(kib: number): void
  readOnly(): void
}

// Removed after unmounting: hooks run in the order in which they were made, a test's own first.
const parent = temporaryFolder()
let disks = 0

/** Mounts one of N KiB, and unmounts it after the test that asks for it. */
export function smallDisk(kib: number): SmallDisk {
  const folder = join(parent, `disk-${disks++}`)
  mkdirSync(folder)
  const mount = (...args: readonly string[]) => execFileSync('mount', [...args, folder])
  mount('-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs')
  after(() => execFileSync('umount', ['--lazy', folder]))
  return {
    folder,
    resize: (size) => mount('-o', `remount,size=${size}k`),
    readOnly: () => mount('-o', 'remount,ro'),
  }
}
