import { KafkaRecord, bytes as bytesSerde, int64, string } from '@kafkado/core'
import { murmur2, partitionOfKey } from '@kafkado/core/internal'
import {
  createStreamsBuilder,
  type ProcessorContext,
  sessionWindow,
  tumblingWindow,
  windowedSerde,
} from '@kafkado/streams'
import {
  appendLongs,
  createStores,
  InternalNames,
  Task,
  validTimestamp,
  windowStoreKey,
  withTimestamp,
} from '@kafkado/streams/internal'
import { TopologyTestDriver } from '@kafkado/testing/streams'
import { noTransport } from './no-transport.ts'
import type { Vector } from './vector.ts'

/** Operations that are no topology: what each makes of a vector's inputs, in the form of what is expected. */
export const specialOperations: Readonly<Record<string, (vector: Vector) => unknown[]>> = {
  partitionGroup,
  punctuate,
  timestampExtractor,
  bytes: binaryFormats,
}

type Step = { add?: string; timestamps?: number[]; poll?: number }

/** Which of two partitions is next, and how stream time goes. */
function partitionGroup({ inputs }: Vector): unknown[] {
  const s = createStreamsBuilder(noTransport)
  const found: unknown[] = []
  const look = (context: ProcessorContext<unknown, unknown>) => () => {
    const { topic, timestamp } = context.record
    const { streamTime } = context
    const lateness = streamTime - timestamp
    found.push({ p: topic, ts: timestamp, streamTime, ...(lateness > 0 ? { lateness } : {}) })
  }
  const merged = s.stream('p1').merge(s.stream('p2')).process(look)
  const topology = merged.forEach(() => undefined).topology()
  const [subtopology] = topology.subtopologies
  if (!subtopology) throw new Error('the topology has no part')
  const names = new InternalNames('test')
  const task = new Task({
    subtopology,
    partition: 0,
    names,
    stores: createStores([]),
    send: () => undefined,
    onError: (_kind, error) => {
      throw error
    },
    clock: { now: () => 0, monotonic: () => 0 },
  })
  for (const { add, timestamps = [], poll } of inputs as Step[]) {
    if (add !== undefined)
      task.add(
        add,
        timestamps.map((timestamp) => recordAt(add, timestamp)),
      )
    if (poll !== undefined) task.process(poll, () => true)
  }
  return found
}

function punctuate({ params, inputs }: Vector): unknown[] {
  const { type, intervalMs = 0 } = params
  const fired: number[] = []
  const s = createStreamsBuilder(noTransport)
  const schedule = (context: ProcessorContext<unknown, unknown>) => {
    context.schedule(intervalMs, type === 'streamTime' ? 'stream-time' : 'wall-clock', (time) => fired.push(time))
    return () => undefined
  }
  const topology = s
    .stream('p1')
    .merge(s.stream('p2'))
    .process(schedule)
    .forEach(() => undefined)
  const driver = new TopologyTestDriver(topology)
  const [input] = inputs as Record<string, number[]>[]
  for (const by of input?.['sleeps'] ?? []) driver.advance(by)
  const piped = ['p1', 'p2'].flatMap((topic) => (input?.[topic] ?? []).map((timestamp) => ({ topic, timestamp })))
  piped.sort((one, other) => one.timestamp - other.timestamp)
  for (const { topic, timestamp } of piped) driver.pipe(topic, { value: 'x', timestamp })
  return fired
}

function timestampExtractor({ inputs }: Vector): unknown[] {
  const outcome = (policy: 'fail' | 'skip' | 'partition-time', recordTs: number, partitionTime: number): unknown => {
    try {
      const at = { topic: 'input', partition: 0, offset: 0 }
      return validTimestamp(policy, at, recordTs, partitionTime) ?? 'drop (counted in dropped-records)'
    } catch {
      return 'throw'
    }
  }
  return (inputs as { recordTs: number; partitionTime: number }[]).map(({ recordTs, partitionTime }) => ({
    failOnInvalid: outcome('fail', recordTs, partitionTime),
    logAndSkip: outcome('skip', recordTs, partitionTime),
    usePartitionTime: outcome('partition-time', recordTs, partitionTime),
  }))
}

/** What is written for keys and values, made for the same keys as the expected ones. */
function binaryFormats({ expected }: Vector): unknown[] {
  const encoder = new TextEncoder()
  const hex = (content: Uint8Array): string => Buffer.from(content).toString('hex')
  const context = { topic: 'output', field: 'key' } as const
  return (expected as Record<string, unknown>[]).map((one) => {
    if ('key' in one) {
      const { key, start, end } = one as { key: string; start: number; end: number }
      const [time, session] = [
        windowedSerde(string(), tumblingWindow(end - start)),
        windowedSerde(string(), sessionWindow(1)),
      ]
      return {
        key,
        start,
        end,
        timeWindowedSerializer_outputTopicKey: hex(time.serialize({ key, start, end }, context)),
        sessionWindowedSerializer_outputTopicKey: hex(session.serialize({ key, start, end }, context)),
        windowStoreKey_changelog_seq0: hex(windowStoreKey(encoder.encode(key), start, 0)),
        sessionStoreKey_changelog: hex(appendLongs(encoder.encode(key), end, start)),
      }
    }
    if ('murmur2_toPositive_mod_partitions' in one) {
      const keys = Object.keys(one['murmur2_toPositive_mod_partitions'] as object)
      const hashes = keys.map((key) => {
        const bytes = encoder.encode(key)
        const [mod3, mod6, mod12] = [3, 6, 12].map((count) => partitionOfKey(bytes, count))
        return [key, { murmur2: murmur2(bytes), mod3, mod6, mod12 }]
      })
      return { murmur2_toPositive_mod_partitions: Object.fromEntries(hashes) as unknown }
    }
    const [, value, timestamp] = /value(\d+)_ts(\d+)$/.exec(Object.keys(one)[0] ?? '') ?? []
    const content = int64().serialize(Number(value), { topic: 'output', field: 'value' })
    return { [Object.keys(one)[0] as string]: hex(withTimestamp(content, Number(timestamp))) }
  })
}

function recordAt(topic: string, timestamp: number): KafkaRecord<unknown, unknown> {
  const source = {
    topic,
    partition: 0,
    keySerde: bytesSerde(),
    valueSerde: bytesSerde(),
    commit: () => Promise.resolve(),
  }
  return new KafkaRecord<unknown, unknown>(source, new Uint8Array(), 0, timestamp, -1, 0, -1, 0, 0, 0)
}
