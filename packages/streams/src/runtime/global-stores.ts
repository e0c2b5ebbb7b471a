import { describeTopic } from '@kafkado/admin'
import { PartitionReader } from '@kafkado/consumer/internal'
import type { Runtime, Transport } from '@kafkado/core'
import type { GlobalTableNode } from '../graph/graph-node.ts'
import { createStores } from '../state/create-stores.ts'
import type { StateStore } from '../state/store-definition.ts'

/** The global tables of a member: each topic is read whole before anything else begins, and followed from then on. */
export class GlobalStores {
  readonly stores: ReadonlyMap<string, StateStore>
  readonly #transport: Transport
  readonly #nodes: readonly GlobalTableNode[]
  readonly #reader: PartitionReader | undefined
  readonly #closing = new AbortController()
  #following: Promise<void> | undefined

  constructor(transport: Transport, nodes: readonly GlobalTableNode[], runtime: Runtime) {
    this.#transport = transport
    this.#nodes = nodes
    this.stores = createStores(nodes.map(({ store }) => store))
    const topics = nodes.map(({ topic }) => topic)
    if (topics.length > 0) this.#reader = new PartitionReader(transport, topics, { runtime })
  }

  /** Resolves when all that the topics hold now was read. @param onFailure told of what ends the following */
  async start(onFailure: (error: unknown) => void): Promise<void> {
    const reader = this.#reader
    if (!reader) return
    const ends = await Promise.all(this.#nodes.map(({ topic: { name } }) => describeTopic(this.#transport, name)))
    reader.start()
    const isBehind = (): boolean =>
      ends.some(({ name, offsets }) =>
        offsets.some(({ partition, latest }) => (reader.position({ topic: name, partition }) ?? -1) < latest),
      )
    while (isBehind()) await this.#take(reader, isBehind)
    this.#following = (async () => {
      while (!this.#closing.signal.aborted) await this.#take(reader, () => true)
    })().catch(onFailure)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the application is closing'))
    await this.#reader?.close()
    await this.#following
  }

  /** Takes what has come, and waits for more if there still is a reason to. */
  async #take(reader: PartitionReader, mayWait: () => boolean): Promise<void> {
    const arrival = reader.arrival(this.#closing.signal)
    for (const { topic, records } of reader.poll(() => true)) {
      for (const { store, topic: own } of this.#nodes) {
        if (own.name !== topic) continue
        for (const { rawKey, rawValue, timestamp } of records)
          if (rawKey) this.stores.get(store.name)?.restore(rawKey, rawValue, timestamp)
      }
    }
    if (mayWait() && !this.#closing.signal.aborted) await arrival
  }
}
