import { deleteRecords } from '@kafkado/admin'
import type { Timer, Transport } from '@kafkado/core'
import type { StreamsSettings } from '../streams-options.ts'

/** Deletes what was processed of the repartition topics, every now and then: nobody else reads it. */
export class RepartitionPurge {
  readonly #transport: Transport
  readonly #settings: StreamsSettings
  readonly #topics: ReadonlySet<string>
  readonly #committed: () => ReadonlyMap<string, number>
  readonly #purged = new Map<string, number>()
  #timer: Timer | undefined

  /** @param committed what was committed, by `topic/partition` */
  constructor(
    transport: Transport,
    settings: StreamsSettings,
    topics: readonly string[],
    committed: () => ReadonlyMap<string, number>,
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
    const byTopic = new Map<string, Record<number, number>>()
    for (const [key, offset] of this.#committed()) {
      const [, topic = '', partition] = /^(.*)\/(\d+)$/.exec(key) ?? []
      if (!this.#topics.has(topic) || this.#purged.get(key) === offset) continue
      byTopic.set(topic, { ...byTopic.get(topic), [Number(partition)]: offset })
    }
    await Promise.all([...byTopic].map(([topic, before]) => this.#delete(topic, before)))
  }

  /** What is not deleted now is deleted the next time. */
  async #delete(topic: string, before: Readonly<Record<number, number>>): Promise<void> {
    try {
      await deleteRecords(this.#transport, topic, before)
    } catch {
      return
    }
    for (const [partition, offset] of Object.entries(before)) this.#purged.set(`${topic}/${partition}`, offset)
  }
}
