import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { median, rounds } from '../median.ts'
import { type Measurement, type Scenario, scenarios } from './scenarios.ts'

const subjectScript = fileURLToPath(new URL('subject-process.ts', import.meta.url))
const compared = (process.env['KAFKADO_BENCH_STORAGES'] ?? 'raw,journal,lmdb').split(',')
const chosen = process.env['KAFKADO_BENCH_SCENARIOS']

/**
 * Durable appends and sequential reads of the engine, against one file with one shared sync. Rounds take turns, and
 * what is said of a round is its ratio to that of the file beside it: so only ratios count, and what else the machine
 * does meanwhile meets all of them.
 */
export async function benchmarkStorage(): Promise<void> {
  console.log(`medians of ${rounds} interleaved rounds; in brackets the share of the first, round by round`)
  for (const scenario of scenarios.filter(({ name }) => !chosen || name.includes(chosen))) await compare(scenario)
}

async function compare(scenario: Scenario): Promise<void> {
  const children: ChildProcess[] = []
  try {
    // One after the other: each warms up undisturbed.
    for (const name of compared) children.push(await start(name, scenario))
    const results: Measurement[][] = compared.map(() => [])
    for (let round = 0; round < rounds; round++)
      for (const [index, child] of children.entries()) {
        child.send('measure')
        const [measured] = (await once(child, 'message')) as [Measurement]
        results[index]?.push(measured)
      }
    report(scenario.name, results)
  } finally {
    await Promise.all(children.map((child) => end(child)))
  }
}

async function start(subject: string, { name }: Scenario): Promise<ChildProcess> {
  const child = fork(subjectScript, [subject, name], { execArgv: ['--conditions=kafkado-source'] })
  const died = once(child, 'exit').then(() => Promise.reject(new Error(`'${subject}' has ended`)))
  died.catch(() => undefined)
  await Promise.race([once(child, 'message'), died])
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.send('end')
  await ended
}

function report(scenario: string, results: readonly (readonly Measurement[])[]): void {
  console.log(`\n${scenario}`)
  for (const [index, measured] of results.entries()) {
    const of = (field: keyof Measurement): { value: number; share: number } | undefined => {
      const values = measured.map((one) => one[field])
      if (values.some((value) => value === undefined)) return undefined
      const shares = measured.map((one, round) => Number(one[field]) / Number(results[0]?.[round]?.[field]))
      return { value: median(values.map(Number)), share: median(shares) }
    }
    const text = (field: keyof Measurement, digits: number, unit: string, scale = 1): string => {
      const found = of(field)
      return found ? `${(found.value / scale).toFixed(digits).padStart(7)} ${unit} (${found.share.toFixed(2)})` : ''
    }
    const parts = [
      text('appendsPerSecond', 0, 'appends/s'),
      text('cpuUsPerAppend', 1, 'µs of CPU'),
      text('syncsPerAppend', 3, 'syncs'),
      text('writtenPerByte', 2, 'bytes a byte'),
      text('bytesReadPerSecond', 0, 'MB/s read', 1e6),
    ]
    console.log(`  ${compared[index]?.padEnd(8)} ${parts.filter((part) => part !== '').join('; ')}`)
  }
}
