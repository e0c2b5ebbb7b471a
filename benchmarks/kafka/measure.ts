import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Scenario } from './scenarios.ts'
import type { ProcessSpent } from './spending.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('measure-client.ts', import.meta.url))

/** What the process of a client is told. */
export interface Job {
  readonly client: string
  readonly scenario: Scenario
  readonly brokers: string
  readonly topic: string
  readonly records: number
  /** What is read to warm up; producers warm up in the topic itself. */
  readonly warmUpTopic: string
  readonly warmUpRecords: number
}

export type Measured = ProcessSpent | 'unsupported'

/** One scenario of one client, in a process of its own. */
export async function measure(job: Job): Promise<Measured> {
  // A client that stops making progress is an error, not a benchmark that hangs.
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 10 * 60 * 1000 }
  const parameters = ['--conditions=kafkado-source', script, JSON.stringify(job)]
  const { stdout } = await run(process.execPath, parameters, limits)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measured
}
