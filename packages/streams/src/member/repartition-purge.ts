import { deleteRecords } from '@kafkado/admin'
import type { Timer, Transport } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import type { CommittedOffset } from './session/commit-loop.ts'

/** Deletes processed records from the repartition topics from time to time: nobody else reads them. */
export class RepartitionPurge {
  readonly #transport: Transport
  readonly #settings: StreamsSettings
  readonly #topics: ReadonlySet<string>
  readonly #committed: () => Iterable<CommittedOffset>
  readonly #purged = new Map<string, number>()
  #timer: Timer | undefined

  /** @param committed the committed offsets */
  constructor(
    transport: Transport,
    settings: StreamsSettings,
    topics: readonly string[],
    committed: () => Iterable<CommittedOffset>,
  ) {
    this.#transport = transport
    this.#settings = settings
    this.#topics = new Set(topics)
    this.#committed = committed
  }

  start(): void {
    if (this.#topics.size === 0) return
    const { runtime, repartitionPurgeIntervalMs } = this.#settings
    this.#timer = runtime.clock.schedule(
      repartitionPurgeIntervalMs,
      () =>
        void this.#purge().finally(() => {
          if (this.#timer) this.start()
        }),
      'background',
    )
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  async #purge(): Promise<void> {
    const due = [...this.#committed()].filter(
      (committed) =>
        this.#topics.has(committed.topic) && this.#purged.get(partitionKey(committed)) !== committed.offset,
    )
    const byTopic = Map.groupBy(due, ({ topic }) => topic)
    await Promise.all([...byTopic].map(([topic, offsets]) => this.#delete(topic, offsets)))
  }

  /** A failed deletion is made up by the next one. */
  async #delete(topic: string, offsets: readonly CommittedOffset[]): Promise<void> {
    const before = Object.fromEntries(offsets.map(({ partition, offset }) => [partition, offset]))
    try {
      await deleteRecords(this.#transport, topic, before)
    } catch {
      return
    }
    for (const committed of offsets) this.#purged.set(partitionKey(committed), committed.offset)
  }
}
