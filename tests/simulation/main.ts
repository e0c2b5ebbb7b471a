import { writeFile } from 'node:fs/promises'
import { type Arguments, parseArguments, usage } from './cli/arguments.ts'
import { runInProcesses } from './cli/jobs.ts'
import { describe, reportOf, type SeedReport } from './cli/report.ts'
import { addCounts, closingLine, noCounts } from './counts.ts'
import { simulate } from './simulate.ts'

async function main(given: Arguments): Promise<void> {
  const { from, to, jobs, scenario, storage, isReplay, jsonFile, most } = given
  const counts = noCounts()
  const failed: number[] = []
  const startMs = performance.now()
  const onReport = ({ seed, counts: more, text }: SeedReport): void => {
    addCounts(counts, more)
    if (text === undefined) return
    failed.push(seed)
    if (failed.length <= most) console.log(`${text}\n`)
  }
  if (isReplay) console.log(describe(await simulate(from, scenario, storage), Number.POSITIVE_INFINITY))
  if (jobs > 1) await runInProcesses(given, onReport)
  else for (let seed = from; seed <= to; seed++) onReport(await reportOf(seed, given))
  const seconds = (performance.now() - startMs) / 1000
  if (failed.length > 0) console.log(`failed: ${failed.sort((left, right) => left - right).join(' ')}`)
  console.log(closingLine(counts, seconds))
  if (jsonFile) await writeFile(jsonFile, `${JSON.stringify({ from, to, seconds, failed, ...counts }, undefined, 2)}\n`)
  if (failed.length > 0) process.exitCode = 1
}

try {
  await main(parseArguments(process.argv.slice(2)))
} catch (error) {
  console.error(`${(error as Error).message}\n${usage}`)
  process.exitCode = 1
}
