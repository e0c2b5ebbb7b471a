import { isDeepStrictEqual } from 'node:util'
import { defineTopic, KafkaError } from '@kafkado/core'
import { createStreamsBuilder, type StateStorage, StreamsError } from '@kafkado/streams'
import { type DriverRecord, TopologyTestDriver } from '@kafkado/testing/streams'
import { outputTopics } from '../streams-oracle/build-topology.ts'
import { withSharedHeader } from '../streams-oracle/headers.ts'
import { deviations } from './deviations.ts'
import { noTransport } from './no-transport.ts'
import { specialOperations } from './special-operations.ts'
import { topologies } from './topologies.ts'
import type { Vector, VectorAdvance, VectorEnd, VectorInput, VectorOutput } from './vector.ts'

/** Where the stores of a run are kept. */
export interface VectorStorage {
  readonly name: string
  /**
   * A storage of its own for each task of a run; undefined keeps stores in memory alone. @param tasks how many there
   * may be
   */
  open(tasks?: number): Promise<((task: string) => StateStorage) | undefined>
  /** Puts into the storage what the stores have changed. */
  flush(driver: TopologyTestDriver): Promise<void>
  close(): Promise<void>
}

/** What a vector came to; undefined when it was as expected. */
export type Mismatch = string | undefined

/** @returns why the outcome is not what Kafka Streams made of it; undefined when it is */
export async function runVector(vector: Vector, storage: VectorStorage): Promise<Mismatch> {
  try {
    const special = specialOperations[vector.operation]
    if (special) return difference(special(vector), vector.expected)
    return await runTopology(vector, storage)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error)
  }
}

async function runTopology(vector: Vector, storage: VectorStorage): Promise<Mismatch> {
  const build = topologies[vector.operation]
  if (!build) return `there is no operation '${vector.operation}'`
  try {
    const topology = build(createStreamsBuilder(noTransport), vector.params)
    const opened = await storage.open(topology.topology().subtopologies.length)
    const { cache = 0 } = vector.params
    const { onError } = vector.params
    const driver = new TopologyTestDriver(topology, { cache, onError, ...(opened ? { storage: opened } : {}) })
    const topics = vector.params.operators ? outputTopics(vector.params.operators) : ['output', 'raw', 'suppressed']
    const outputs: VectorOutput[] = []
    let [failed, end]: [number, VectorEnd | undefined] = [0, undefined]
    for (const [step, input] of (vector.inputs as (VectorInput | VectorAdvance)[]).entries()) {
      const seen = driver.trace().length
      const failedBefore = leftOut(driver)
      end = ended(step, () => give(driver, input, vector))
      if (end) break
      failed += leftOut(driver) - failedBefore
      // The driver of Kafka Streams commits after each record.
      if (cache > 0) driver.advance(0)
      for (const { what, topic: out, key: outKey, value: outValue, timestamp } of driver.trace().slice(seen)) {
        if (what !== 'out' || !topics.includes(out)) continue
        const output = { step, key: outKey as VectorOutput['key'], value: outValue, ts: timestamp }
        outputs.push(out === 'output' ? output : { ...output, out })
      }
      await storage.flush(driver)
    }
    const found = end ? outputs : withHeaders(driver, vector, topics, outputs)
    const expected = deviations[vector.name] ?? vector.recommended ?? vector.expected
    const mismatch =
      difference(inSteps(found, vector.order), inSteps(expected as VectorOutput[], vector.order)) ??
      difference([end], [vector.expectedEnd]) ??
      difference([storesOf(driver, vector)], [vector.expectedStores])
    if (mismatch !== undefined) return mismatch
    const dropped = Object.values(driver.dropped()).reduce((sum, count) => sum + count, failed)
    const { expectedDroppedRecords: expectedDrops } = vector
    if (vector.name in deviations || expectedDrops === undefined || dropped === expectedDrops) return undefined
    return `${dropped} records were dropped, expected ${expectedDrops}`
  } finally {
    await storage.close()
  }
}

/** A vector about failures gives records that its topology may not be able to read. */
function give(driver: TopologyTestDriver, input: VectorInput | VectorAdvance, { operation, params }: Vector): void {
  if ('advance' in input) {
    driver.advance(input.advance)
    return
  }
  const { key, value, ts: timestamp, header, headers = header === undefined ? {} : { header } } = input
  const topic = params.self ? 'left' : (input.topic ?? 'input')
  const record = { key, value, timestamp, headers: { ...headers } }
  if (operation === 'failing') driver.pipe(defineTopic(topic, { key: 'string', value: 'string' }), record)
  else driver.pipe(topic, record)
}

/** @returns how the application has ended with an input; undefined while it goes on */
function ended(step: number, act: () => void): VectorEnd | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (!(error instanceof StreamsError)) throw error
    // A full suppression has a code of its own, whatever operator it fails in.
    const isFull = KafkaError.is(error.cause) && error.cause.code === 'BUFFER_FULL'
    return { step, code: isFull ? 'BUFFER_FULL' : error.kind }
  }
}

/** Kafka Streams counts records that were left out as dropped; ours counts those that could not be read as both. */
function leftOut(driver: TopologyTestDriver): number {
  const { processing = 0, production = 0 } = driver.failed()
  return processing + production
}

function storesOf(driver: TopologyTestDriver, { expectedStores }: Vector): Vector['expectedStores'] {
  if (!expectedStores) return undefined
  const rows = Object.keys(expectedStores).map((name) => [
    name,
    Object.fromEntries(driver.store<unknown, string>(name)),
  ])
  return Object.fromEntries(rows) as Vector['expectedStores']
}

/**
 * What was written is read again, so that the serdes belong to what is tested, and with it the headers: those that the
 * oracle compares.
 */
function withHeaders(
  driver: TopologyTestDriver,
  { operation, params: { operators = [] } }: Vector,
  topics: readonly string[],
  outputs: readonly VectorOutput[],
): VectorOutput[] {
  const read = new Map([...new Set(topics)].map((topic) => [topic, driver.read(topic) as DriverRecord[]]))
  const found = outputs.map((output) => {
    const { out = 'output', value } = output
    const record = read.get(out)?.shift()
    if (!record || JSON.stringify(record.value) !== JSON.stringify(value))
      throw new Error('what was read is not what was written')
    if (operation === 'headers') return { ...output, headers: { ...record.headers } }
    const { header } = record.headers as { header?: string }
    return header === undefined ? output : withSharedHeader(operators, out, { ...output, header })
  })
  for (const [topic, { length }] of read)
    if (length > 0) throw new Error(`${length} more records were read of topic '${topic}' than were written`)
  return found
}

/**
 * Ordered, or with the outputs of each step in an order of their own, or only those of each topic in their order. An
 * end that never comes is the greatest number there is.
 */
export function inSteps(outputs: readonly VectorOutput[], order: string | undefined): VectorOutput[] {
  const plain = outputs.map(({ key, ...rest }) => ({
    ...rest,
    key: typeof key === 'object' && key !== null ? { ...key, end: Math.min(key.end, 2 ** 63) } : key,
  }))
  if (order === undefined) return plain
  const textOf = ({ step, key, value, out }: VectorOutput): string =>
    JSON.stringify(order === ofEachTopic ? [out ?? null] : [step, key, value, out ?? null])
  return plain
    .map((one) => ({ one, text: textOf(one) }))
    .sort(
      (left, right) => left.one.step - right.one.step || (left.text < right.text ? -1 : left.text > right.text ? 1 : 0),
    )
    .map(({ one }) => one)
}

/** The order of a vector whose results are in order within each topic. */
export const ofEachTopic = 'of each topic'

export function difference(found: readonly unknown[], expected: readonly unknown[]): Mismatch {
  const length = Math.max(found.length, expected.length)
  for (let index = 0; index < length; index++) {
    if (!isDeepStrictEqual(found[index], expected[index]))
      return `output ${index} is ${JSON.stringify(found[index])}, expected ${JSON.stringify(expected[index])}`
  }
  return undefined
}
