import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { allMutants } from './all-mutants.ts'
import { mutated, sourceOf } from './mutant.ts'
import { type MutantResult, runMutants } from './run-mutants.ts'
import { mutantsOfTurn } from './turns.ts'

const usage = `usage: npm run mutants -- [OPTIONS]

  --only TEXT   only the mutants whose name, file or gate has the text
  --ci          only those that CI runs
  --turn N      of six parts the one whose turn it is: N counts on from run to run
  --jobs N      how many run at a time (default 2)
  --json FILE   writes what came of each
  --list        says what there are`

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    only: { type: 'string', default: '' },
    ci: { type: 'boolean', default: false },
    turn: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const jobs = Number(values.jobs)
const turn = values.turn === undefined ? undefined : Number(values.turn)
const asked = allMutants.filter(
  ({ name, file, gate, notInCi }) =>
    [name, file, gate.file].some((text) => text.includes(values.only)) && !(values.ci && notInCi !== undefined),
)
const mutants = turn === undefined ? asked : mutantsOfTurn(asked, turn)

if (values.help || !(jobs >= 1) || !(turn === undefined || turn >= 0)) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else if (mutants.length === 0) {
  console.error(`no mutant has '${values.only}' in its name, file or gate`)
  process.exitCode = 2
} else if (values.list) {
  for (const { name, file, breaks } of mutants) console.log(`${name} (${file})\n  ${breaks}`)
} else {
  for (const mutant of mutants) mutated(mutant, sourceOf(mutant))
  const results = await runMutants(mutants, jobs, (result) => console.log(lineOf(result)))
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(results, undefined, 2) + '\n')
  const order = new Map(mutants.map(({ name }, index) => [name, index]))
  results.sort((left, right) => (order.get(left.mutant) ?? 0) - (order.get(right.mutant) ?? 0))
  console.log('\n── all')
  for (const result of results) console.log(lineOf(result))
  const unmarked = results.filter(({ waitedInVain }) => waitedInVain)
  for (const { mutant } of unmarked) console.log(`${mutant} waits for the limit of its test: mark it as isWaitedFor`)
  const caught = results.filter(({ kind }) => kind === 'caught').length
  const survived = results.length - caught
  if (survived > 0) process.exitCode = 1
  console.log(`${caught} caught, ${survived} survived`)
}

function lineOf({ mutant, kind, gate, detail, seconds }: MutantResult): string {
  return (
    `${(kind === 'caught' ? kind : kind.toUpperCase()).padEnd(9)} ${mutant.padEnd(44)}` +
    ` ${seconds.toFixed(1).padStart(5)} s  ${gate}${detail ? ` > ${detail}` : ''}`
  )
}
