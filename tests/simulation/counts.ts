import { type Churn, churnIn } from './history/churn.ts'
import type { CheckedRun } from './simulate.ts'

/** What many runs came to, as numbers. */
export interface Counts {
  seeds: number
  violations: number
  /** Records sent, polls, commits, transactions, heartbeats. */
  operations: number
  virtualMs: number
  readonly scenarios: Record<string, number>
  /** How often each kind of fault happened, requests and everything else. */
  readonly faults: Record<string, number>
  /** How often each kind of event is in the histories. */
  readonly events: Record<string, number>
  readonly churn: Churn
}

const operations = new Set(['send', 'poll', 'commit', 'transaction-begun', 'heartbeat-sent'])

export function noCounts(): Counts {
  return {
    seeds: 0,
    violations: 0,
    operations: 0,
    virtualMs: 0,
    scenarios: {},
    faults: {},
    events: {},
    churn: churnIn([]),
  }
}

export function countsOf({ plan, history, virtualMs, violations }: CheckedRun): Counts {
  const churn = churnIn(history.events)
  const counts = { ...noCounts(), seeds: 1, violations: violations.length, virtualMs, churn }
  counts.scenarios[plan.scenario] = 1
  for (const event of history.events) {
    counts.events[event.type] = (counts.events[event.type] ?? 0) + 1
    if (operations.has(event.type)) counts.operations++
    if (event.type !== 'fault') continue
    // The name of the request follows the kind.
    const kind = event.fault.replace(/ \S+\/\d+$/, '')
    counts.faults[kind] = (counts.faults[kind] ?? 0) + 1
  }
  return counts
}

export function addCounts(sum: Counts, more: Counts): void {
  sum.seeds += more.seeds
  sum.violations += more.violations
  sum.operations += more.operations
  sum.virtualMs += more.virtualMs
  for (const part of ['scenarios', 'faults', 'events', 'churn'] as const) {
    const of: Record<string, number> = sum[part]
    for (const [name, count] of Object.entries(more[part])) of[name] = (of[name] ?? 0) + count
  }
}

/** One line for people and for whoever collects figures. */
export function closingLine({ seeds, violations, operations, virtualMs, faults }: Counts, seconds: number): string {
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0)
  const hours = (virtualMs / 3_600_000).toFixed(1)
  return (
    `simulation: ${seeds} seeds, ${violations} violations, ${operations} operations, ${total} faults of` +
    ` ${Object.keys(faults).length} kinds, ${hours} h of virtual time in ${seconds.toFixed(0)} s`
  )
}
