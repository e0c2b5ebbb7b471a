import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './failure-text.ts'
import { parseSeeds } from './report.ts'
import { keepResult, readResults, mended, type RowResult, seedsTwice, together } from './results.ts'
import { promisedOf, type Row, type Size } from './rows/row.ts'
import { rows } from './rows/rows.ts'
import { notRunnable, runRow } from './run-row.ts'
import { lacks, scorecard } from './scorecard.ts'

const usage = `usage: npm run reliability -- [ROW…] [OPTIONS]

  --full        all that is promised for a release, up to an hour a row (default)
  --ci          the part of it that CI runs
  --seeds A-B   these seeds only, such as the one that a violation names
  --target T    of the row 'fuzz' this target only, as often as it is given
  --add         adds these seeds or targets to what is kept of the row, for what is run in parts
  --again       runs the seeds again that told violations, after their mend
  --dry         keeps nothing and leaves docs/reliability.md as it is
  --write       runs nothing, and writes docs/reliability.md from what is kept
  --list        names the rows`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  args: process.argv.slice(2).filter((word, index) => index > 0 || word !== '--'),
  options: {
    full: { type: 'boolean', default: false },
    ci: { type: 'boolean', default: false },
    seeds: { type: 'string' },
    target: { type: 'string', multiple: true },
    add: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const size: Size = values.ci ? 'ci' : 'full'
const seeds = values.seeds === undefined ? undefined : parseSeeds(values.seeds)
const unknown = positionals.filter((name) => rows.every((row) => row.name !== name))

if (values.help) console.log(usage)
else if (unknown.length > 0 || (values.ci && values.full)) {
  console.error(unknown.length > 0 ? `no row is called ${unknown.join(' or ')}` : '--ci and --full exclude each other')
  console.error(usage)
  process.exitCode = 2
} else if (values.list) {
  for (const row of rows) console.log(`${row.name.padEnd(16)} ${row.gate}: ${promisedOf(row, size)?.text ?? '–'}`)
} else {
  const chosen = positionals.length === 0 ? rows : rows.filter(({ name }) => positionals.includes(name))
  if (values.again) for (const row of chosen) await runFailedAgain(row)
  else if (!values.write) await runAll(chosen)
  if (!values.dry) writeFileSync(join(root, 'docs/reliability.md'), scorecard(rows, readResults()))
}

/**
 * One after the other; at the size of CI two at a time, as most of them wait for servers and clocks half of the time.
 */
async function runAll(chosen: readonly Row[]): Promise<void> {
  const left = [...chosen]
  const runNext = async (): Promise<void> => {
    for (let row = left.shift(); row; row = left.shift()) await runAndKeep(row)
  }
  await Promise.all(Array.from({ length: size === 'ci' ? 2 : 1 }, runNext))
}

async function runFailedAgain(row: Row): Promise<void> {
  const before = readResults()[row.name]?.[size]
  const again: RowResult[] = []
  for (const seed of before?.failedSeeds ?? [])
    again.push(await runRow(row, { size, seeds: { first: seed, last: seed }, targets: undefined }))
  for (const { violations } of again) for (const violation of violations) console.log(`VIOLATION ${violation}`)
  if (!before || again.length === 0) return
  const after = mended(before, again)
  if (!values.dry) keepResult(row.name, size, after)
  console.log(`${row.name}: ${after.violations.length} violations are left of ${before.violations.length}`)
  if (after.violations.length > 0) process.exitCode = 1
}

async function runAndKeep(row: Row): Promise<void> {
  const promised = promisedOf(row, size)
  const reason = promised ? (notRunnable(row) ?? countedAlready(row)) : 'it has no smaller size'
  console.log(`\n── ${row.name}: ${reason ?? promised?.text}`)
  if (reason !== undefined || !promised) return
  const result = await runRow(row, { size, seeds, targets: values.target })
  for (const violation of result.violations) console.log(`VIOLATION ${violation}`)
  const kept = keep(row, result)
  const lacking = lacks(promised, kept)
  console.log(JSON.stringify(result.counts))
  console.log(
    `${row.name}: ${result.violations.length} violations in ${result.seconds}` +
      ` s${lacking === undefined ? '' : `; less than promised: ${lacking}`}`,
  )
  if (result.violations.length > 0 || (lacking !== undefined && seeds === undefined && values.target === undefined))
    process.exitCode = 1
}

/** Targets are all run with the same seed, and those of a row that knows no seeds cannot be told apart. */
function countedAlready(row: Row): string | undefined {
  const before = values.add && !values.dry ? readResults()[row.name]?.[size] : undefined
  const twice = before && seeds && !values.target && seedsTwice(before, seeds)
  if (!twice) return undefined
  process.exitCode = 2
  return `what is kept has the seeds ${twice} already, and with --add they would count twice`
}

function keep(row: Row, result: RowResult): RowResult {
  if (values.dry) return result
  const before = values.add ? readResults()[row.name]?.[size] : undefined
  const kept = before ? together(before, result) : result
  keepResult(row.name, size, kept)
  return kept
}
