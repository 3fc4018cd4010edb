// Whether this process should get requests: its check passed lately and no shutdown has begun.

export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

export type Readiness = ReturnType<typeof createReadiness>

interface ReadinessOptions {
  /** Rejects if the check fails. It has its own deadline. */
  readonly check: { readonly name: string; readonly run: () => Promise<void> }
  /** Milliseconds between the end of the check and its next run. */
  readonly interval?: number
  readonly onChange?: (result: CheckResult) => void
  /** What people may want to know; it decides nothing. */
  readonly notes?: () => readonly CheckResult[]
}

// One lost ping is not an outage: all pods unready at once would turn a clear 503 into refused connections. The
// first success counts at once.
const failuresUntilUnready = 2

/** Makes the readiness state. Probes read the last result: a slow database must not pile them up. */
export function createReadiness({
  check,
  interval = 1000,
  onChange = () => {},
  notes = () => [],
}: ReadinessOptions) {
  let known = false
  let ok = false
  let failures = 0
  let detail = 'not checked yet'
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const result = () => ({ name: check.name, ok, detail })

  const start = async () => {
    const before = ok
    try {
      await check.run()
      ok = true
      failures = 0
      detail = 'ok'
    } catch (error) {
      failures++
      detail = error instanceof Error ? error.message : String(error)
      if (failures >= failuresUntilUnready) ok = false
    }
    if (stopped) return
    // The first result is news too: otherwise nothing would say why the pod never gets ready.
    if (ok !== before || !known) onChange(result())
    known = true
    timer = setTimeout(start, interval).unref()
  }

  return {
    get ready() {
      return !stopped && ok
    },
    results: (): CheckResult[] => [
      result(),
      ...notes(),
      { name: 'shutdown', ok: !stopped, detail: stopped ? 'has begun' : 'ok' },
    ],
    /** In the background, until `stop`. */
    start,
    /** Not ready from now on: the shutdown has begun. */
    stop(): void {
      stopped = true
      clearTimeout(timer)
    },
  }
}
