import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { LibrariesUnavailable } from '../../scripts/maven-libraries.ts'
import type { Vector } from '../vectors/vector.ts'
import type { Case } from './case.ts'
import { isWrong } from './compare.ts'
import { areWrong, examine, type Finding, type Peer } from './examine.ts'
import { generateCase } from './generate-case.ts'
import { KafkaStreams } from './kafka-streams.ts'
import { judgeAgain, type Recorded } from './judge-again.ts'
import { shrink } from './shrink.ts'
import { textOf } from './text-of.ts'
import { toVector } from './to-vector.ts'
import { Watchdog } from './watchdog.ts'
import { withWholeStreams } from './whole-streams.ts'

/**
 * `npm run streams:oracle -- [--cases N] [--seed S] [--shrink] [--json FILE]`: runs generated topologies on Kafka
 * Streams and on ours and says where they differ. The cases are those of the seeds from S up. `--shrink` makes a case
 * that differs as small as it can be, and prints it as a vector. `--json` keeps what came out of each case that
 * differs, known or not; `--again FILE` judges that once more, without Kafka Streams, when the rules have changed.
 */
const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== '--'),
  options: {
    cases: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    shrink: { type: 'boolean', default: false },
    json: { type: 'string' },
    again: { type: 'string' },
  },
})

interface Counts {
  cases: number
  records: number
  /** What Kafka Streams itself could not build, or ends with. */
  notBuilt: number
  readonly deviations: Record<string, number>
  readonly failures: { readonly seed: number; readonly storage: string; readonly vector: Vector }[]
  /** What came out where both differ in any way. */
  readonly differing: Recorded[]
}

/** What it does not build, and a record without a key in a left join with a grace, at which it ends. */
const notRun = ['TopologyException', 'NullPointerException: key cannot be null']

/** So many cases are on their way to Kafka Streams while ours are at work. */
const atOnce = 16

async function main(kafka: KafkaStreams, watchdog: Watchdog, cases: number, firstSeed: number): Promise<Counts> {
  const counts: Counts = { cases: 0, records: 0, notBuilt: 0, deviations: {}, failures: [], differing: [] }
  const waiting: { one: Case; asked: ReturnType<KafkaStreams['run']> }[] = []
  let next = firstSeed
  while (counts.cases < cases) {
    while (waiting.length < atOnce && next < firstSeed + cases) {
      // As `examine` asks for it.
      const one = withWholeStreams(generateCase(next++))
      waiting.push({ one, asked: kafka.run(one) })
    }
    const { one, asked } = waiting.shift() as (typeof waiting)[number]
    const theirs = await asked
    counts.cases++
    if ('error' in theirs && notRun.some((reason) => theirs.error.includes(reason))) {
      counts.notBuilt++
      continue
    }
    if ('outputs' in theirs) counts.records += theirs.outputs.length
    watchdog.begin(one.seed)
    const findings = await examine(one, (each, options) => (options?.isMended ? kafka.run(each, options) : asked))
    watchdog.end()
    for (const finding of findings) await count(kafka, counts, one, finding)
  }
  return counts
}

async function count(kafka: KafkaStreams, counts: Counts, one: Case, finding: Finding): Promise<void> {
  for (const { deviation } of finding.differences)
    if (deviation !== undefined) counts.deviations[deviation] = (counts.deviations[deviation] ?? 0) + 1
  if (finding.differences.length > 0 || finding.error !== undefined)
    counts.differing.push({ seed: one.seed, storage: finding.storage.name, ...finding.outcomes })
  if (!isWrong(finding)) return
  const { storage } = finding
  const peer: Peer = (each, options) => kafka.run(each, options)
  const isShrunk = values.shrink && finding.error === undefined
  const smallest = isShrunk ? await shrink(one, (cases) => areWrong(cases, storage, peer)) : one
  const found = isShrunk ? await examine(smallest, peer) : [finding]
  const shown = found.find((each) => each.storage === storage) ?? finding
  const vector = toVector(smallest, await kafka.run(smallest))
  counts.failures.push({ seed: one.seed, storage: storage.name, vector })
  console.log(
    `DIFFERS: seed ${one.seed}, stores: ${storage.name}${shown.error === undefined ? '' : `: ${shown.error}`}`,
  )
  for (const difference of shown.differences) if (difference.deviation === undefined) console.log(textOf(difference))
  if (isShrunk) console.log(`  as a vector: ${JSON.stringify(vector)}`)
  console.log(`  again: npm run streams:oracle -- --cases 1 --seed ${one.seed} --shrink`)
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new Error(`--${option} must be a whole number, got '${text}'`)
}

/** CI goes on without Kafka Streams where it cannot be had; a person who asked for it is told that it failed. */
function skipLoudly(reason: string): void {
  const line = '='.repeat(100)
  const needs = 'It needs a JDK 17 and Maven, once also a network to fetch its libraries.'
  console.error(
    `\n${line}\nNOT TESTED: our streams against Kafka Streams (tests/streams-oracle).\n${reason}\n${needs}\n${line}\n`,
  )
  if (!process.env['CI']) process.exitCode = 1
}

function kafkaStreams(): KafkaStreams | undefined {
  try {
    return new KafkaStreams()
  } catch (error) {
    if (!(error instanceof LibrariesUnavailable)) throw error
    skipLoudly(error.message)
    return undefined
  }
}

async function runAll(): Promise<void> {
  const [cases, seed] = [wholeNumber('cases', values.cases), wholeNumber('seed', values.seed)]
  await using kafka = kafkaStreams()
  if (!kafka) return
  await using watchdog = new Watchdog()
  const startMs = performance.now()
  const counts = await main(kafka, watchdog, cases, seed)
  const seconds = Math.round((performance.now() - startMs) / 100) / 10
  for (const [name, times] of Object.entries(counts.deviations)) console.log(`known: ${name}, ${times} times`)
  const { records, notBuilt, failures } = counts
  const what =
    `${cases} topologies (seeds ${seed} to ${seed + cases - 1}), ${records} results, ${notBuilt} that` +
    ` Kafka Streams could not build or run`
  console.log(`${what}, ${failures.length} differences, ${seconds} s`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ seed, seconds, ...counts })}\n`)
  if (failures.length > 0) process.exitCode = 1
}

if (values.again === undefined) await runAll()
else if (judgeAgain(values.again) > 0) process.exitCode = 1
