import type { KafkaRecord, TopicDefinition, Transport } from '@kafkado/core'
import { createStreamsBuilder, type Startable, type StateStorage } from '@kafkado/streams'
import {
  createStores,
  InternalNames,
  StateFlusher,
  type StateStore,
  Task,
  type Topology,
} from '@kafkado/streams/internal'
import type { Event, NexmarkEvents } from './nexmark-events.ts'

/**
 * State is written for its changelog, and to its folder, after so many records; a busy application does that ten times
 * a second or once.
 */
const recordsPerCommit = 100_000

const nowhere: Transport = {
  send: () => Promise.reject(new Error('the engine alone sends nothing')),
  close: () => Promise.resolve(),
}

type AnyRecord = KafkaRecord<unknown, unknown>

/** A record with key and value read: what is measured is the engine and not JSON. */
function recordOf(topic: string, key: unknown, value: unknown, timestamp: number, offset: number): AnyRecord {
  return { topic, partition: 0, key, value, timestamp, offset, hasHeaders: false } as unknown as AnyRecord
}

/** The tasks of a topology over one partition, connected by queues instead of topics. */
export class EngineRun {
  readonly #tasks: Task[] = []
  readonly #flushers: { readonly stores: readonly StateStore[]; readonly flusher: StateFlusher | undefined }[] = []
  readonly #offsets = new Map<string, number>()
  readonly #pending = new Map<string, AnyRecord[]>()
  /** The bytes that the changelogs would get. */
  changelogBytes = 0

  constructor(
    build: (s: ReturnType<typeof createStreamsBuilder>) => Startable,
    storages: Map<string, StateStorage> | undefined,
  ) {
    const topology: Topology = build(createStreamsBuilder(nowhere)).topology()
    const names = new InternalNames('bench')
    for (const subtopology of topology.subtopologies) {
      const storage = storages?.get(`${subtopology.id}`)
      const stores = createStores(subtopology.stores, storage)
      const task = new Task({
        subtopology,
        partition: 0,
        names,
        stores,
        send: (sink, key, value, timestamp) => this.#send(sink, key, value, timestamp),
        onError: (_kind, error) => {
          throw error
        },
        clock: { now: () => 0, monotonic: () => 0 },
      })
      this.#tasks.push(task)
      const own = [...stores.values()]
      this.#flushers.push({ stores: own, flusher: storage && new StateFlusher(storage, own) })
    }
  }

  /** Processes all events in the order of their times. */
  async run(inputs: readonly AnyRecord[][]): Promise<void> {
    const positions = inputs.map(() => 0)
    let sinceCommit = 0
    for (let left = inputs.reduce((sum, { length }) => sum + length, 0); left > 0;) {
      for (const [index, records] of inputs.entries()) {
        const from = positions[index] as number
        // A share of each topic, so that they go on at the same pace.
        const share = Math.max(1, Math.ceil((records.length * 5000) / Math.max(...inputs.map(({ length }) => length))))
        const part = records.slice(from, from + share)
        positions[index] = from + part.length
        left -= part.length
        sinceCommit += part.length
        const topic = part[0]?.topic
        if (topic !== undefined) for (const task of this.#readersOf(topic)) task.add(topic, part)
      }
      this.#process()
      if (sinceCommit < recordsPerCommit) continue
      sinceCommit = 0
      await this.#commit()
    }
    await this.#commit()
  }

  #process(): void {
    for (let hasMoved = true; hasMoved;) {
      hasMoved = false
      for (const task of this.#tasks) if (task.process(Infinity, () => true) > 0) hasMoved = true
      for (const [topic, records] of this.#pending) {
        if (records.length === 0) continue
        this.#pending.set(topic, [])
        for (const task of this.#readersOf(topic)) task.add(topic, records)
        hasMoved = true
      }
    }
  }

  async #commit(): Promise<void> {
    for (const { stores, flusher } of this.#flushers) {
      const changes = new Map(stores.map((store) => [store.definition.name, store.takeChanges()]))
      for (const list of changes.values()) for (const { value } of list) this.changelogBytes += value?.length ?? 0
      flusher?.add(changes, {})
      if (flusher?.isFull) await flusher.flush()
    }
  }

  #send({ name }: TopicDefinition<unknown, unknown>, key: unknown, value: unknown, timestamp: number): void {
    const offset = this.#offsets.get(name) ?? 0
    this.#offsets.set(name, offset + 1)
    const pending = this.#pending.get(name)
    const record = recordOf(name, key, value, timestamp, offset)
    if (pending) pending.push(record)
    else this.#pending.set(name, [record])
  }

  #readersOf(topic: string): Task[] {
    return this.#tasks.filter(({ queues }) => queues.some((queue) => queue.topic === topic))
  }
}

/** The events as records, made once for all runs. */
export function recordsOf(events: NexmarkEvents): Record<string, AnyRecord[]> {
  const of = (topic: string, list: readonly Event<unknown>[]): AnyRecord[] =>
    list.map(({ key, value, timestamp }, offset) => recordOf(topic, key, value, timestamp, offset))
  return {
    persons: of('persons', events.persons),
    auctions: of('auctions', events.auctions),
    bids: of('bids', events.bids),
  }
}
