// What an attack on the costs of the service is: what it sends, what it needs, what must hold beside it.
import type { Client } from '../../../support/client.ts'
import type { Wire } from './wire.ts'

/** What an attacker has at hand. */
export interface Target {
  /** True when its time is over: every connection is closed then, and whoever waits goes on. */
  readonly over: boolean
  /** The file of the embedded store, for those that get at it from another process. */
  readonly dataFile: string
  connect(): Promise<Wire>
  /** Counts what was seen, for the diagnostics and for `expect`. */
  count(what: string, times?: number): void
}

export type Counts = Readonly<Record<string, number>>

/** The settings under which an attack runs: the default limits, and those of documents raised. */
export type Limits = 'default limits' | 'MAX_BODY=32MiB'

export interface CostAttack {
  readonly name: string
  /** Seconds after which it ends on its own, if 8 are too few. */
  readonly seconds?: number
  /** Under these limits it is part of the short form. */
  readonly short?: Limits
  /** The store matters: it runs on both. */
  readonly bothStores?: true
  readonly settings?: Readonly<Record<string, string>>
  /** Puts documents in, under limits that take every document that the store can keep. */
  readonly seed?: (api: Client) => Promise<void>
  readonly run: (target: Target) => Promise<void>
  /** The writes of good clients may take long, if only they are answered; their reads may not. */
  readonly writesMayWait?: true
  /**
   * On a database that serves one request at a time, good clients may wait twice as long as beside this attack,
   * which is one honest client.
   */
  readonly scansAs?: string
  /** Good clients are not refused either. */
  readonly noRefusal?: true
  /** Bytes that the service sends for an answer, on average. */
  readonly answerBytes?: number
  /** Throws if the attacker saw what it must not see. */
  readonly expect?: (seen: Counts, limits: Limits) => void
}

/** The name of each kind, as docs/reliability.md has it. */
export interface Kind {
  readonly kind: string
  readonly attacks: readonly CostAttack[]
}
