import type { KafkaRecord, TopicDefinition } from '@kafkado/core'
import { partitionOfKey } from '@kafkado/core/internal'
import type { Startable } from '@kafkado/streams'
import { createStores, encodeKey, encodeValue, InternalNames, Task } from '@kafkado/streams/internal'

type AnyRecord = KafkaRecord<unknown, unknown>
type Definition = TopicDefinition<unknown, unknown>

interface Waiting {
  readonly task: Task
  readonly topic: string
  readonly records: AnyRecord[]
}

interface Output {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
}

const encoder = new TextEncoder()

/**
 * The tasks of a topology over several partitions, and the topics between them. The caller chooses which partition gets
 * its next record, so every order is possible that tasks at different members may cause. Everything sent is serialised
 * and read again.
 */
export class ScheduledRun {
  readonly #names = new InternalNames('scheduled')
  readonly #definitions = new Map<string, Definition>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #partitions: number
  #offset = 0
  /** The records written to topics that nothing reads, in order. */
  readonly outputs: Output[] = []

  constructor(built: Startable, partitions: number) {
    this.#partitions = partitions
    for (const subtopology of built.topology().subtopologies) {
      for (let partition = 0; partition < partitions; partition++) {
        const task = new Task({
          subtopology,
          partition,
          names: this.#names,
          stores: createStores(subtopology.stores),
          send: (sink, key, value, timestamp) => this.#send(sink, key, value, timestamp),
          onError: (_kind, error) => {
            throw error
          },
          clock: { now: () => 0, monotonic: () => 0 },
        })
        for (const source of subtopology.sources) {
          const topic = this.#names.topicOf(source)
          const { key, value } =
            source.kind === 'source' ? source.topic : { key: source.keySerde, value: source.valueSerde }
          this.#definitions.set(topic, { name: topic, key, value })
          this.#waiting.set(`${topic}/${partition}`, { task, topic, records: [] })
        }
      }
    }
  }

  /** Puts a record into a topic. Nothing is processed. */
  put(topic: string, key: string, value: unknown, timestamp: number): void {
    this.#send(this.#definitions.get(topic) as Definition, key, value, timestamp)
  }

  /** Processes one record of a chosen partition among those with records. @returns whether there was any */
  step(choose: (count: number) => number): boolean {
    const open = [...this.#waiting.values()].filter(({ records }) => records.length > 0)
    const chosen = open[choose(open.length)]
    if (!chosen) return false
    const { task, topic, records } = chosen
    task.add(topic, records.splice(0, 1))
    task.process(1, () => true)
    return true
  }

  #send(sink: Definition, key: unknown, value: unknown, timestamp: number): void {
    const { name: topic } = sink
    const reader = this.#definitions.get(topic)
    if (!reader) {
      this.outputs.push({ topic, key, value, timestamp })
      return
    }
    const written = encodeValue(sink, value)
    const [rawKey, rawValue] = [encodeKey(sink, key), typeof written === 'string' ? encoder.encode(written) : written]
    const partition = rawKey === null ? 0 : partitionOfKey(rawKey, this.#partitions)
    const record = {
      topic,
      partition,
      timestamp,
      offset: this.#offset++,
      rawKey,
      rawValue,
      hasHeaders: false,
      key: rawKey && reader.key.deserialize(rawKey, { topic, field: 'key' }),
      value: rawValue && reader.value.deserialize(rawValue, { topic, field: 'value' }),
    }
    this.#waiting.get(`${topic}/${partition}`)?.records.push(record as unknown as AnyRecord)
  }
}
