import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Arguments } from './arguments.ts'
import type { SeedReport } from './report.ts'

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))

/** What one process does of all seeds: every so many. */
export interface Share extends Pick<Arguments, 'from' | 'to' | 'scenario' | 'isShrunk'> {
  readonly step: number
}

/** Runs the seeds in several processes. @throws Error when one of them does not end well */
export async function runInProcesses(
  { jobs, from, to, scenario, isShrunk }: Arguments,
  onReport: (report: SeedReport) => void,
): Promise<void> {
  const shares = Array.from({ length: Math.min(jobs, to - from + 1) }, (_, index): Share => {
    return { from: from + index, to, step: jobs, scenario, isShrunk }
  })
  await Promise.all(shares.map((share) => runShare(share, onReport)))
}

async function runShare(share: Share, onReport: (report: SeedReport) => void): Promise<void> {
  const child = fork(worker, [JSON.stringify(share)], { execArgv: ['--conditions=kafkado-source'] })
  child.on('message', (report) => onReport(report as SeedReport))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`a process of the simulation ended with ${code}`)
}
