import type { KafkaClient } from '@kafkado/client'
import { defineTopic, isKafkaError, systemClock, systemRandom, type TopicDefinition } from '@kafkado/core'

export interface BenchSettings {
  readonly records: number
  readonly sizeInBytes: number
  /** Undefined: a new one. */
  readonly topic: string | undefined
  /** Of a topic that is created. */
  readonly partitions: number | undefined
}

export interface Throughput {
  readonly recordsPerSecond: number
  readonly bytesPerSecond: number
}

/** From the call of `send` to the acknowledgement. */
export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
}

export interface BenchResult {
  readonly topic: string
  readonly partitions: number
  readonly records: number
  readonly sizeInBytes: number
  readonly warmUpRecords: number
  /** Under full load: a record also waits for those before it. */
  readonly produce: Throughput & { readonly latency: Latency }
  /** One send after the other, without lingering: a round trip. */
  readonly alone: { readonly records: number; readonly latency: Latency }
  /** From the first record to the last. */
  readonly consume: Throughput
}

type Bytes = TopicDefinition<Uint8Array>

const mostWarmUpRecords = 20_000
const mostAlone = 200
/** Awaiting the room for the next record each time costs more than it holds back. */
const sendsTogether = 100

const monotonic = (): number => systemClock.monotonic()

/**
 * Produces records and reads them again, and measures both.
 *
 * @param interrupted ends it; what it has created is deleted all the same
 * @throws whatever the first failed send, or another request, fails with
 */
export async function runBench(
  kafka: KafkaClient,
  settings: BenchSettings,
  interrupted: AbortSignal,
): Promise<BenchResult> {
  const name = `kafkado-bench-${systemRandom.uuid()}`
  const topic = settings.topic ?? name
  const isMade = !(await kafka.admin.listTopics()).some((one) => one.name === topic)
  if (isMade) await kafka.admin.createTopic(topic, { partitions: settings.partitions })
  const cleanUp = async (): Promise<void> => {
    await kafka.admin.deleteGroup(name).catch((error: unknown) => {
      if (!isKafkaError(error, 'GROUP_ID_NOT_FOUND')) throw error
    })
    if (isMade) await kafka.admin.deleteTopic(topic)
  }
  try {
    const result = await measure(kafka, topic, name, settings, interrupted)
    await cleanUp()
    return result
  } catch (error) {
    // The first failure says more than that of tidying up after it, which has most likely the same reason.
    await cleanUp().catch(() => undefined)
    throw error
  }
}

async function measure(
  kafka: KafkaClient,
  topic: string,
  group: string,
  { records, sizeInBytes }: BenchSettings,
  interrupted: AbortSignal,
): Promise<BenchResult> {
  const definition: Bytes = defineTopic(topic, { value: 'bytes' })
  const payloads = payloadsOf(sizeInBytes)
  const warmUpRecords = Math.min(Math.ceil(records / 10), mostWarmUpRecords)
  const alone = Math.min(records, mostAlone)
  const { partitions } = await kafka.admin.describeTopic(topic)
  // The topic may have held records before.
  await kafka.admin.resetOffsets(group, topic, 'latest')
  await sendAll(kafka, definition, payloads, warmUpRecords, interrupted)
  const startedMs = monotonic()
  const tookMs = await sendAll(kafka, definition, payloads, records, interrupted)
  const produced = throughputOf(records, sizeInBytes, monotonic() - startedMs)
  const aloneTookMs = await sendAlone(kafka, definition, payloads, alone, interrupted)
  const all = warmUpRecords + records + alone
  const consumedMs = await consumeAll(kafka, definition, group, all, interrupted)
  return {
    topic,
    partitions,
    records,
    sizeInBytes,
    warmUpRecords,
    produce: { ...produced, latency: latencyOf(tookMs) },
    alone: { records: alone, latency: latencyOf(aloneTookMs) },
    consume: throughputOf(all, sizeInBytes, consumedMs),
  }
}

/** Sends without waiting for each. @returns how long the acknowledgement of each took */
async function sendAll(
  kafka: KafkaClient,
  definition: Bytes,
  payloads: readonly Uint8Array[],
  count: number,
  interrupted: AbortSignal,
): Promise<Float64Array> {
  const producer = kafka.producer(definition)
  const tookMs = new Float64Array(count)
  const failures: unknown[] = []
  let settled = 0
  let settle = (): void => undefined
  const all = new Promise<void>((resolve) => {
    settle = () => {
      if (++settled === count) resolve()
    }
    interrupted.addEventListener('abort', () => resolve(), { once: true })
  })
  for (let index = 0; index < count; index++) {
    const sentMs = monotonic()
    producer.send(payloadAt(payloads, index)).then(
      () => {
        tookMs[index] = monotonic() - sentMs
        settle()
      },
      (error: unknown) => {
        failures.push(error)
        settle()
      },
    )
    if (index % sendsTogether !== 0) continue
    await producer.ready()
    if (interrupted.aborted || failures.length > 0) break
  }
  if (!interrupted.aborted && failures.length === 0) await all
  await producer.close()
  interrupted.throwIfAborted()
  if (failures.length > 0) throw failures[0]
  return tookMs
}

async function sendAlone(
  kafka: KafkaClient,
  definition: Bytes,
  payloads: readonly Uint8Array[],
  count: number,
  interrupted: AbortSignal,
): Promise<Float64Array> {
  const producer = kafka.producer(definition, { lingerMs: 0 })
  const tookMs = new Float64Array(count)
  try {
    for (let index = 0; index < count; index++) {
      interrupted.throwIfAborted()
      const sentMs = monotonic()
      await producer.send(payloadAt(payloads, index))
      tookMs[index] = monotonic() - sentMs
    }
  } finally {
    await producer.close()
  }
  return tookMs
}

/** @returns how long it took from the assignment of the partitions to the last record */
async function consumeAll(
  kafka: KafkaClient,
  definition: Bytes,
  group: string,
  count: number,
  interrupted: AbortSignal,
): Promise<number> {
  const consumer = kafka.consumer(definition, { group })
  let startedMs = monotonic()
  consumer.on('assigned', () => (startedMs = monotonic()))
  const stop = (): void => void consumer.close()
  interrupted.addEventListener('abort', stop, { once: true })
  try {
    for await (const _record of consumer.take(count)) continue
    interrupted.throwIfAborted()
    return monotonic() - startedMs
  } finally {
    interrupted.removeEventListener('abort', stop)
    await consumer.close()
  }
}

/** Random letters, so that a codec finds little to compress; not more of them than a few megabytes. */
function payloadsOf(sizeInBytes: number): Uint8Array[] {
  const count = Math.max(1, Math.min(1000, Math.floor(4_000_000 / sizeInBytes)))
  return Array.from({ length: count }, () =>
    Uint8Array.from({ length: sizeInBytes }, () => 97 + Math.floor(systemRandom.next() * 26)),
  )
}

function payloadAt(payloads: readonly Uint8Array[], index: number): Uint8Array {
  return payloads[index % payloads.length] as Uint8Array
}

function throughputOf(records: number, sizeInBytes: number, tookMs: number): Throughput {
  const recordsPerSecond = (records * 1000) / Math.max(tookMs, 0.001)
  return { recordsPerSecond, bytesPerSecond: recordsPerSecond * sizeInBytes }
}

function latencyOf(tookMs: Float64Array): Latency {
  const sorted = tookMs.toSorted()
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) }
}
