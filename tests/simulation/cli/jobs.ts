import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Arguments } from './arguments.ts'
import { failedReport, type SeedReport } from './report.ts'

const worker = fileURLToPath(new URL('worker.ts', import.meta.url))

/** What one process does of all seeds: every so many. */
export interface Share extends Pick<Arguments, 'from' | 'to' | 'scenario' | 'storage' | 'isShrunk'> {
  readonly step: number
}

/** Runs the seeds in several processes. @throws Error when one of them does not end well */
export async function runInProcesses(
  { jobs, from, to, scenario, storage, isShrunk }: Arguments,
  onReport: (report: SeedReport) => void,
): Promise<void> {
  const shares = Array.from({ length: Math.min(jobs, to - from + 1) }, (_, index): Share => {
    return { from: from + index, to, step: jobs, scenario, storage, isShrunk }
  })
  await Promise.all(shares.map((share) => runShare(share, onReport)))
}

/**
 * A seed takes a part of a second. One that goes in a circle, so that no time passes, is found out from outside alone.
 */
const longestMs = 180_000
const shrinkingLongestMs = 3_600_000

async function runShare(share: Share, onReport: (report: SeedReport) => void): Promise<void> {
  const child = fork(worker, [JSON.stringify(share)], { execArgv: ['--conditions=kafkado-source'] })
  let { from } = share
  const limitMs = share.isShrunk ? shrinkingLongestMs : longestMs
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs)
  child.on('message', (report) => {
    limit.refresh()
    from += share.step
    onReport(report as SeedReport)
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(limit)
  if (code === 0) return
  if (signal !== 'SIGKILL') throw new Error(`a process of the simulation ended with ${code ?? signal}`)
  onReport(failedReport(from, `it has not ended after ${limitMs / 1000} s: something goes in a circle`))
  if (from + share.step <= share.to) await runShare({ ...share, from: from + share.step }, onReport)
}
