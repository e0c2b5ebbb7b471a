import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { JobData, JobReport } from './job-thread.ts'

/**
 * After so long without a next run an input is taken for one that hangs; a thread has more time to begin, on a machine
 * that is busy.
 */
const [hangsAfterMs, beginsAfterMs] = [120_000, 600_000]
const longestInput = 1 << 16

export interface JobAsked {
  readonly target: string
  readonly seed: number
  readonly runs: number
}

/** Does the jobs one after the other, on as many cores as there are. */
export async function runJobs(
  jobs: readonly JobAsked[],
  threads: number,
  onReport: (report: JobReport) => void,
): Promise<void> {
  const waiting = [...jobs]
  const take = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) onReport(await runJob(job))
  }
  await Promise.all(Array.from({ length: Math.min(threads, availableParallelism()) }, take))
}

/** In a thread of its own, which can be ended whatever it does. */
function runJob(job: JobAsked): Promise<JobReport> {
  const progress = new Int32Array(new SharedArrayBuffer(8))
  const input = new Uint8Array(new SharedArrayBuffer(longestInput))
  const workerData: JobData = { ...job, progress, input }
  const worker = new Worker(join(import.meta.dirname, 'job-thread.ts'), { workerData })
  return new Promise((resolve, reject) => {
    let [lastRun, since] = [0, performance.now()]
    const watch = setInterval(() => {
      const run = progress[0] as number
      if (run !== lastRun) [lastRun, since] = [run, performance.now()]
      else if (performance.now() - since > (run === 0 ? beginsAfterMs : hangsAfterMs))
        settle(() => resolve(hanging(job, run, input.slice(0, progress[1]))))
    }, 1000)
    const settle = (end: () => void): void => {
      clearInterval(watch)
      void worker.terminate()
      end()
    }
    worker.once('message', (report: JobReport) => settle(() => resolve(report)))
    worker.once('error', (error) => {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const failed = failing(job, progress[0] as number, input.slice(0, progress[1]), `the thread ended: ${cause}`)
      settle(() => resolve(failed))
    })
    worker.once('exit', (code) => settle(() => reject(new Error(`the thread of ${job.target} ended with ${code}`))))
  })
}

function hanging(job: JobAsked, run: number, input: Uint8Array): JobReport {
  return failing(job, run, input, `it hangs: no end after ${hangsAfterMs} ms`)
}

function failing({ target, seed }: JobAsked, run: number, input: Uint8Array, message: string): JobReport {
  const failures = [{ target, seed, run, input, message }]
  return { target, seed, runs: run, milliseconds: 0, kept: 0, coverage: { reached: 0, total: 0 }, failures }
}
