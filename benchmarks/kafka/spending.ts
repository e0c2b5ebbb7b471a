import { performance } from 'node:perf_hooks'

/** What this process took, with all its threads. */
export interface ProcessSpent {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** @returns what tells how much was spent since */
export function startSpending(): () => ProcessSpent {
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  return () => {
    const seconds = (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(cpu)
    return { seconds, cpuSeconds: (user + system) / 1e6 }
  }
}
