// How attackers behave: they send again and again, do not read, leave, or stop in the middle.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './attack.ts'
import type { Wire } from './wire.ts'

// Milliseconds before a client comes again: what it costs itself stays small.
const pause = 10
// Milliseconds for which a client that does not read stays.
const stay = 3_000

type Bytes = string | Uint8Array

/** N at once, until the time is up. */
export async function sideBySide(
  target: Target,
  clients: number,
  each: (client: number) => Promise<void>,
): Promise<void> {
  const one = async (client: number) => {
    while (!target.over) {
      await each(client)
      await sleep(pause)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => one(client)))
}

/** Clients that send the bytes once each, and wait for the answers. */
export const once =
  (clients: number, make: () => Bytes, answers = 1) =>
  async (target: Target): Promise<void> => {
    const bytes = make()
    const one = async () => {
      const wire = await target.connect()
      await wire.send(bytes)
      await wire.answers(answers)
      wire.socket.destroy()
    }
    await Promise.all(Array.from({ length: clients }, one))
  }

/** Clients that send the bytes, wait for the answers, and send them again. */
export const again =
  (clients: number, make: () => Bytes, answers = 1) =>
  (target: Target): Promise<void> => {
    const bytes = make()
    return sideBySide(target, clients, async () => {
      const wire = await target.connect()
      for (let sent = 1; !wire.gone && !target.over; sent++) {
        await wire.send(bytes)
        await wire.answers(sent * answers)
      }
      wire.socket.destroy()
    })
  }

/** Clients that send the bytes, read no answer, leave after a while and come again. */
export const unread =
  (clients: number, make: () => Bytes) =>
  (target: Target): Promise<void> => {
    const bytes = make()
    return sideBySide(target, clients, async () => {
      const wire = await target.connect()
      wire.socket.pause()
      await Promise.race([wire.send(bytes), sleep(stay)])
      // A client that reads nothing does not see that it was cut.
      for (let waited = 0; waited < stay && !target.over; waited += 100) await sleep(100)
      wire.reset()
    })
  }

/** Clients that send the bytes on and on and read no answer. */
export const pouring =
  (clients: number, make: () => Bytes) =>
  (target: Target): Promise<void> => {
    const bytes = make()
    return sideBySide(target, clients, async () => {
      const wire = await target.connect()
      wire.socket.pause()
      while (!wire.gone && !target.over) {
        await wire.send(bytes)
        await sleep(1) // what the system takes at once would leave no turn to the others
      }
    })
  }

/** Clients that send the bytes, leave after N milliseconds, and come again. */
export const leaving =
  (clients: number, make: () => Bytes, after: number, leave: (wire: Wire) => unknown) =>
  (target: Target): Promise<void> => {
    const bytes = make()
    return sideBySide(target, clients, async () => {
      const wire = await target.connect()
      const sent = wire.send(bytes)
      await Promise.race([sent, sleep(after)])
      await sleep(after)
      await leave(wire)
    })
  }

/** Clients that send the bytes and then nothing, and come again once they are answered or cut. */
export const stalling =
  (clients: number, make: () => Bytes) =>
  (target: Target): Promise<void> => {
    const bytes = make()
    return sideBySide(target, clients, async () => {
      const wire = await target.connect()
      await wire.send(bytes)
      await wire.answers(1)
      wire.socket.destroy()
    })
  }

/** Clients that connect, and send the bytes at the same moment when all have; then again. */
export const together =
  (clients: number, make: () => Bytes) =>
  async (target: Target): Promise<void> => {
    const bytes = make()
    while (!target.over) {
      const wires = await Promise.all(Array.from({ length: clients }, () => target.connect()))
      await sleep(500)
      await Promise.all(wires.map((wire) => wire.send(bytes)))
      await Promise.all(wires.map((wire) => wire.answers(1)))
      for (const { socket } of wires) socket.destroy()
    }
  }

/** N clients that send the bytes, and all leave at the same moment a second later: they end, or reset. */
export const leavingTogether =
  (clients: number, make: () => Bytes, leave: (wire: Wire) => void) =>
  async (target: Target): Promise<void> => {
    const bytes = make()
    while (!target.over) {
      const wires = await Promise.all(Array.from({ length: clients }, () => target.connect()))
      await Promise.all(wires.map((wire) => wire.send(bytes)))
      await sleep(1_000)
      for (const wire of wires) leave(wire)
      await sleep(500)
      for (const { socket } of wires) socket.destroy()
    }
  }

/** Clients that send the beginning, then this many bytes of `fill` a second, `total` in all. */
export const dripping =
  (clients: number, make: () => Bytes, fill: string, perSecond: number, total: number) =>
  (target: Target): Promise<void> => {
    const bytes = make()
    return sideBySide(target, clients, async () => {
      const wire = await target.connect()
      await wire.send(bytes)
      for (let sent = 0; sent < total && !wire.gone && !target.over; ) {
        const piece = Math.min(Math.ceil(perSecond / 10), total - sent)
        await wire.send(Buffer.alloc(piece, fill))
        sent += piece
        await sleep(100)
      }
      await wire.answers(1)
      wire.socket.destroy()
    })
  }

/** Clients that ask every N milliseconds, each on a connection that it keeps. */
export const polling =
  (clients: number, make: () => Bytes, every: number) =>
  (target: Target): Promise<void> => {
    const bytes = make()
    return sideBySide(target, clients, async () => {
      // Not all at once: pages are opened one after the other.
      await sleep(Math.random() * every)
      const wire = await target.connect()
      for (let sent = 1; !wire.gone && !target.over; sent++) {
        await wire.send(bytes)
        await wire.answers(sent)
        await sleep(every)
      }
      wire.socket.destroy()
    })
  }
