import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { keepFailing } from './corpus.ts'
import type { Failure } from './fuzzer.ts'
import type { JobReport } from './job-thread.ts'
import { type JobAsked, runJobs } from './run-jobs.ts'
import { opensFolders, runsOf, targetNamed, targetNames } from './targets.ts'
import { Fuzzer } from './fuzzer.ts'

/**
 * `npm run fuzz -- [--target NAME]… [--runs N] [--seed S] [--json FILE] [--threads N]`, or with `--input HEX` the one
 * input. Runs are those of each decoder; what opens whole folders gets a tenth.
 */
const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    runs: { type: 'string', default: '5000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    input: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
})

interface Total {
  readonly target: string
  readonly seeds: number[]
  runs: number
  milliseconds: number
  coverage: { reached: number; total: number }
  readonly failures: Failure[]
}

async function main(): Promise<void> {
  const names = values.target ?? targetNames
  if (values.input !== undefined) return runOne(names[0] as string, Uint8Array.from(Buffer.from(values.input, 'hex')))
  const runs = wholeNumber('runs', values.runs)
  const seed = wholeNumber('seed', values.seed)
  // In two threads of different seeds, so that none is left alone with the last target. A thread takes a second to
  // begin, which is much where there is little to do.
  const parts = runs < 1_000_000 ? 1 : 2
  const jobs = names.flatMap((target): JobAsked[] =>
    Array.from({ length: parts }, (_, part) => {
      return { target, seed: seedOf(target, seed, part), runs: Math.ceil(runsOf(target, runs) / parts) }
    }),
  )
  const totals = new Map<string, Total>()
  await runJobs(jobs, wholeNumber('threads', values.threads), (report) => {
    const total = add(totals, report)
    for (const failure of report.failures) tell(failure)
    if (total.seeds.length === parts) console.log(lineOf(total))
  })
  const all = [...totals.values()]
  const failed = all.reduce((sum, { failures }) => sum + failures.length, 0)
  const done = all.reduce((sum, total) => sum + total.runs, 0)
  console.log(`${all.length} targets, ${done} runs, ${failed} failures`)
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(jsonOf(all, seed), null, 2))
  if (failed > 0) process.exitCode = 1
}

async function runOne(name: string, input: Uint8Array): Promise<void> {
  const problem = await new Fuzzer(await targetNamed(name)).check(input)
  console.log(`${name}: ${problem ?? 'holds'}`)
  if (problem !== undefined) process.exitCode = 1
}

/** Every target and part has its own, which follows from the seed. */
function seedOf(target: string, seed: number, part: number): number {
  let mixed = seed * 2 + part
  for (const letter of target) mixed = (Math.imul(mixed, 31) + letter.charCodeAt(0)) >>> 0
  return mixed
}

function add(totals: Map<string, Total>, report: JobReport): Total {
  const { target, seed, runs, milliseconds, coverage, failures } = report
  const total: Total = totals.get(target) ?? { target, seeds: [], runs: 0, milliseconds: 0, coverage, failures: [] }
  totals.set(target, total)
  total.seeds.push(seed)
  total.runs += runs
  total.milliseconds += milliseconds
  if (coverage.reached > total.coverage.reached) total.coverage = coverage
  total.failures.push(...failures)
  return total
}

function lineOf({ target, seeds, runs, milliseconds, coverage, failures }: Total): string {
  const rate = Math.round((runs * 1000) / Math.max(milliseconds, 1))
  const verdict = failures.length === 0 ? 'holds' : `${failures.length} FAILURES`
  return (
    `${target}: ${verdict}, ${runs} runs (${rate} a second of a core), ${coverage.reached} of ${coverage.total}` +
    ` blocks, seeds ${seeds.join(' and ')}`
  )
}

function tell({ target, seed, run, input, message }: Failure): void {
  const hex = Buffer.from(input).toString('hex')
  const text = JSON.stringify(Buffer.from(input).toString('utf8')).slice(0, 300)
  console.log(`${target}, seed ${seed}, run ${run}: ${message}`)
  console.log(`  ${input.length} bytes: ${hex}\n  as text: ${text}`)
  console.log(`  written to ${keepFailing(target, input)}; again: npm run fuzz -- --target ${target} --input ${hex}`)
}

function jsonOf(all: readonly Total[], seed: number): object {
  return {
    seed,
    targets: all.map(({ failures, ...total }) => ({
      ...total,
      opensFolders: opensFolders(total.target),
      failures: failures.map(({ input, ...failure }) => ({ ...failure, input: Buffer.from(input).toString('hex') })),
    })),
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new Error(`--${option} must be a whole number, got '${text}'`)
}

await main()
