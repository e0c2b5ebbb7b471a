import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Transport } from '@kafkado/core'
import { wire } from '@kafkado/wire'
import { LibrariesUnavailable } from '../../scripts/maven-libraries.ts'
import { freshName } from '../fresh-name.ts'
import { findBrokers } from '../kafka/find-brokers.ts'
import { sayLoudly } from '../kafka/say-loudly.ts'
import { rounds } from '../median.ts'
import { javaVersion, type Side, sides } from './applications.ts'
import { type Measured, measureApplication } from './measure-application.ts'
import { customersOf, fillTopics } from './orders.ts'
import { printHead, printRow } from './report.ts'
import { type Scenario, scenarios } from './scenarios.ts'

const records = Number(process.env['KAFKADO_BENCH_STREAMS_RECORDS'] ?? 2_000_000)
const warmUpRecords = records / 2
const orders = records + warmUpRecords
const partitions = 4
const [commitIntervalMs, cacheBytes, windowMs, graceMs] = [1000, 64 * 1024 * 1024, 60_000, 60_000]

/**
 * Whole applications, from topic to topic: ours and Kafka Streams (Java), one after the other on one broker of Apache
 * Kafka, in turn for several rounds. Each is a process of its own with one thread that processes, four partitions, at
 * least once, commits each second, a record cache of 64 MB, and state in memory with its changelog on the broker.
 * Everything else is as each has it by default; so ours reads committed records only, and Kafka Streams all.
 *
 * - **Input**: both read the same topics, which are full before they start: orders of 200 bytes as JSON, ten of each
 *   customer within a second, and a row for each customer. Both read and write JSON: ours with its default, Java by
 *   Jackson with typed records, which is faster there than trees of nodes. Counts are 8 bytes on both sides.
 * - **Warm-up**: the first third of the orders. Time and CPU count from its last record, in the process itself.
 * - **End**: when the last order is committed, and so its results and changelogs are acknowledged. Nobody can commit
 *   earlier than the interval says, so both wait half a second on average; that weighs more on the faster one.
 * - **CPU** is that of the application's whole process, with its compilers and collectors; the broker's does not count.
 * - **Updates**: with a cache, the number of results depends on the number of commits. Since a customer's orders stand
 *   together, it hardly does here: a run whose sides differ by more than 5 % is reported as unfair.
 *
 * KAFKADO_BENCH_STREAMS_RECORDS says how many orders are measured, KAFKADO_BENCH_ROUNDS how often,
 * KAFKADO_BENCH_SCENARIOS which (the beginnings of names, with semicolons in between), and KAFKA_BROKERS names a broker
 * that runs already.
 */
export async function benchmarkKafkaStreams(): Promise<void> {
  const chosen = scenarios.filter(({ name }) => isChosen(name))
  await using found = await findBrokers()
  if (!found) return
  const run = freshName('bench')
  const topics = { input: `${run}-orders`, table: `${run}-customers` }
  const transport = wire(found.brokers)
  try {
    const startedMs = performance.now()
    await fillTopics(transport, { ...topics, orders, partitions })
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    console.log(
      `\nstreams end to end on Apache Kafka 4.1.1: kafkado (Node ${process.version}) and Kafka Streams 4.1.1 ` +
        `(${javaVersion()}), one thread each, ${records} records after ${warmUpRecords} to warm up, ` +
        `medians of ${rounds} interleaved rounds. Load of this machine: ${loadavg()[0]?.toFixed(1)}; ` +
        `topics filled in ${seconds} s`,
    )
    printHead(sides)
    for (const scenario of chosen)
      printRow(scenario, records, await measureBoth(transport, found.brokers, topics, scenario))
  } catch (error) {
    if (!(error instanceof LibrariesUnavailable)) throw error
    sayLoudly(`NOTHING MEASURED: there is no Kafka Streams here. ${error.message}`)
    process.exitCode = 1
  } finally {
    await transport.close()
  }
}

type Results = ReadonlyMap<Side, Measured[]>

async function measureBoth(
  transport: Transport,
  brokers: string,
  topics: { readonly input: string; readonly table: string },
  { name, outputsOf }: Scenario,
): Promise<Results> {
  const results = new Map(sides.map((side) => [side, [] as Measured[]]))
  const shared = { ...topics, scenario: name, brokers, commitIntervalMs, cacheBytes, windowMs, graceMs, warmUpRecords }
  for (let round = 0; round < rounds; round++) {
    for (const [side, measurements] of results) {
      const measured = await measureApplication(transport, side, orders, partitions, shared)
      requireComplete(side, name, measured.written, outputsOf?.(orders))
      measurements.push(measured)
    }
  }
  return results
}

function requireComplete(side: Side, name: string, written: number, expected: number | undefined): void {
  const least = expected ?? customersOf(orders)
  if (written < least || (expected !== undefined && written > expected))
    throw new Error(`${name}: ${side} has written ${written} records instead of ${least}`)
}

function isChosen(name: string): boolean {
  const beginnings = (process.env['KAFKADO_BENCH_SCENARIOS'] ?? '').split(';').map((one) => one.trim())
  return beginnings.some((beginning) => name.startsWith(beginning))
}
