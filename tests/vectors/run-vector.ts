import { isDeepStrictEqual } from 'node:util'
import { createStreamsBuilder, type StateStorage } from '@kafkado/streams'
import { type DriverRecord, TopologyTestDriver } from '@kafkado/testing/streams'
import { outputTopics } from '../streams-oracle/build-topology.ts'
import type { Operator } from '../streams-oracle/case.ts'
import { withSharedHeader } from '../streams-oracle/headers.ts'
import { deviations } from './deviations.ts'
import { noTransport } from './no-transport.ts'
import { specialOperations } from './special-operations.ts'
import { topologies } from './topologies.ts'
import type { Vector, VectorAdvance, VectorInput, VectorOutput } from './vector.ts'

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
    const driver = new TopologyTestDriver(topology, { cache, ...(opened ? { storage: opened } : {}) })
    const topics = vector.params.operators ? outputTopics(vector.params.operators) : ['output', 'raw', 'suppressed']
    const outputs: VectorOutput[] = []
    for (const [step, input] of (vector.inputs as (VectorInput | VectorAdvance)[]).entries()) {
      const seen = driver.trace().length
      if ('advance' in input) driver.advance(input.advance)
      else {
        const { topic = 'input', key, value, ts: timestamp, header } = input
        const headers: Record<string, string> = header === undefined ? {} : { header }
        driver.pipe(vector.params.self ? 'left' : topic, { key, value, timestamp, headers })
      }
      // The driver of Kafka Streams commits after each record.
      if (cache > 0) driver.advance(0)
      for (const { what, topic: out, key: outKey, value: outValue, timestamp } of driver.trace().slice(seen)) {
        if (what !== 'out' || !topics.includes(out)) continue
        const output = { step, key: outKey as VectorOutput['key'], value: outValue, ts: timestamp }
        outputs.push(out === 'output' ? output : { ...output, out })
      }
      await storage.flush(driver)
    }
    const found = withHeaders(driver, vector.params.operators ?? [], topics, outputs)
    const expected = deviations[vector.name] ?? vector.recommended ?? vector.expected
    const isUnordered = vector.order !== undefined
    const mismatch = difference(inSteps(found, isUnordered), inSteps(expected as VectorOutput[], isUnordered))
    if (mismatch !== undefined) return mismatch
    const dropped = Object.values(driver.dropped()).reduce((sum, count) => sum + count, 0)
    const { expectedDroppedRecords: expectedDrops } = vector
    if (vector.name in deviations || expectedDrops === undefined || dropped === expectedDrops) return undefined
    return `${dropped} records were dropped, expected ${expectedDrops}`
  } finally {
    await storage.close()
  }
}

/**
 * What was written is read again, so that the serdes belong to what is tested, and with it the headers: those that the
 * oracle compares.
 */
function withHeaders(
  driver: TopologyTestDriver,
  operators: readonly Operator[],
  topics: readonly string[],
  outputs: readonly VectorOutput[],
): VectorOutput[] {
  const read = new Map([...new Set(topics)].map((topic) => [topic, driver.read(topic) as DriverRecord[]]))
  const found = outputs.map((output) => {
    const { out = 'output', value } = output
    const record = read.get(out)?.shift()
    if (!record || JSON.stringify(record.value) !== JSON.stringify(value))
      throw new Error('what was read is not what was written')
    const { header } = record.headers as { header?: string }
    return header === undefined ? output : withSharedHeader(operators, out, { ...output, header })
  })
  for (const [topic, { length }] of read)
    if (length > 0) throw new Error(`${length} more records were read of topic '${topic}' than were written`)
  return found
}

/**
 * Ordered, or with the outputs of each step in an order of their own. An end that never comes is the greatest number
 * there is.
 */
function inSteps(outputs: readonly VectorOutput[], isUnordered: boolean): unknown[] {
  const plain = outputs.map(({ key, ...rest }) => ({
    ...rest,
    key: typeof key === 'object' && key !== null ? { ...key, end: Math.min(key.end, 2 ** 63) } : key,
  }))
  if (!isUnordered) return plain
  return plain
    .map((one) => ({ one, text: JSON.stringify([one.step, one.key, one.value, 'out' in one ? one.out : null]) }))
    .sort((left, right) => left.one.step - right.one.step || (left.text < right.text ? -1 : 1))
    .map(({ one }) => one)
}

function difference(found: readonly unknown[], expected: readonly unknown[]): Mismatch {
  const length = Math.max(found.length, expected.length)
  for (let index = 0; index < length; index++) {
    if (!isDeepStrictEqual(found[index], expected[index]))
      return `output ${index} is ${JSON.stringify(found[index])}, expected ${JSON.stringify(expected[index])}`
  }
  return undefined
}
