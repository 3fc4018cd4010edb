// Whether this process should get requests: its checks passed lately and no shutdown has begun.

interface Check {
  readonly name: string
  /** Rejects if the check fails. It has its own deadline. */
  readonly run: () => Promise<void>
}

export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

export interface Readiness {
  readonly ready: boolean
  results(): CheckResult[]
  /** Runs the checks in the background until `stop`. */
  start(): void
  /** Not ready from now on: the shutdown has begun. */
  stop(): void
}

interface ReadinessOptions {
  readonly checks: readonly Check[]
  /** Milliseconds between the end of a check and its next run. */
  readonly interval?: number
  readonly onChange?: (result: CheckResult) => void
  /** What people may want to know; it decides nothing. */
  readonly notes?: () => readonly CheckResult[]
}

// One lost ping is not an outage: all pods unready at once would turn a clear 503 into refused
// connections. The first success counts at once.
const failuresUntilUnready = 2

/**
 * Makes the readiness state. Probes read the last result and never call the database: a slow
 * database must not pile up probes.
 */
export function createReadiness({
  checks,
  interval = 1000,
  onChange = () => {},
  notes = () => [],
}: ReadinessOptions): Readiness {
  const states = checks.map((check) => ({
    check,
    known: false,
    ok: false,
    failures: 0,
    detail: 'not checked yet',
  }))
  const timers = new Set<NodeJS.Timeout>()
  let stopped = false

  const runOne = async (state: (typeof states)[number]) => {
    const before = state.ok
    try {
      await state.check.run()
      state.ok = true
      state.failures = 0
      state.detail = 'ok'
    } catch (error) {
      state.failures++
      state.detail = error instanceof Error ? error.message : String(error)
      if (state.failures >= failuresUntilUnready) state.ok = false
    }
    if (stopped) return
    // The first result is news too: otherwise nothing would say why the pod never gets ready.
    if (state.ok !== before || !state.known) {
      onChange({ name: state.check.name, ok: state.ok, detail: state.detail })
    }
    state.known = true
    const timer = setTimeout(() => {
      timers.delete(timer)
      void runOne(state)
    }, interval)
    timers.add(timer.unref())
  }

  return {
    get ready() {
      return !stopped && states.every((state) => state.ok)
    },
    results: () => [
      ...states.map(({ check, ok, detail }) => ({ name: check.name, ok, detail })),
      ...notes(),
      { name: 'shutdown', ok: !stopped, detail: stopped ? 'has begun' : 'ok' },
    ],
    start() {
      for (const state of states) void runOne(state)
    },
    stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
