import type { Transport } from '@kafkado/core'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import { KnownTopics } from '../plan/known-topics.ts'
import type { Plan } from '../plan/plan.ts'
import { ReadPartitions } from '../plan/read-partitions.ts'
import { SourcePartitions } from '../plan/source-partitions.ts'
import type { OpenStateStorage } from '../state/state-storage.ts'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import { queryStore, type StoreEntry, type StoreQuery } from '../task/store-query.ts'
import { statusOf, type TaskStatus } from '../task/task-status.ts'
import { GlobalStores } from './global-stores.ts'
import type { Member, MemberEvents } from './member.ts'
import { SlowOperators } from './session/slow-operators.ts'
import { selectionOf } from './selection-of.ts'
import { MemberLoop } from './member-loop.ts'
import { RepartitionPurge } from './repartition-purge.ts'

export interface LocalMemberParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly settings: StreamsSettings
  /** The number of partitions of each topic that the topology reads. */
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly openStorage: OpenStateStorage | undefined
  readonly events: MemberEvents
}

/** A member in this thread: its loop, the global tables of its tasks, and the deletion of processed records. */
export class LocalMember implements Member {
  readonly #onFailure: (error: unknown) => void
  readonly #onError: (error: unknown) => void
  readonly #globals: GlobalStores
  readonly #loop: MemberLoop
  readonly #purge: RepartitionPurge
  #isClosing = false

  constructor({ partitionCounts, ...parts }: LocalMemberParts) {
    const { transport, topology, names, settings, events } = parts
    const known = new KnownTopics(transport, topology, names, partitionCounts)
    const onPlan = (plan: Plan): void => events.onPlan(plan)
    const sources = new SourcePartitions({ transport, topology, names, settings, known, onPlan }, partitionCounts)
    const repartitions = topology.nodes
      .filter((node) => node.kind === 'repartition')
      .map((node) => names.repartition(node))
    this.#onFailure = (error) => events.onFailure(error)
    this.#onError = (error) => events.onError(error)
    this.#globals = new GlobalStores(transport, topology.globals, settings, events.meter)
    this.#loop = new MemberLoop({
      slowOperators: new SlowOperators(settings),
      ...parts,
      sources,
      derived: new ReadPartitions({ transport, topology, names, settings, known, onLook: () => this.#loop.onLook() }),
      topics: () => selectionOf(topology, names, sources.partitionCounts),
      globals: this.#globals.stores,
    })
    this.#purge = new RepartitionPurge(transport, settings, repartitions, () => this.#loop.committed)
  }

  async start(): Promise<void> {
    await this.#globals.start(this.#onFailure)
    if (this.#isClosing) return
    this.#purge.start()
    await this.#loop.start()
  }

  tasks(): Promise<readonly TaskStatus[]> {
    return Promise.resolve(this.#loop.tasks.map((running) => statusOf(running)))
  }

  async query(query: StoreQuery): Promise<readonly StoreEntry[] | undefined> {
    const { store, key, partition } = query
    const global = this.#globals.stores.get(store)
    if (global) return queryStore(global, query)
    const found = this.#loop.tasks
      .filter(({ task, isReady }) => isReady && (key === undefined || task.partition === partition))
      .flatMap((running) => {
        const own = running.task.stores.get(store)
        return own ? [running.query(own, query)] : []
      })
    return found.length === 0 ? undefined : found.flat()
  }

  pause(isPaused: boolean): Promise<void> {
    this.#loop.pause(isPaused)
    return Promise.resolve()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#purge.stop()
    await this.#loop.close()
    const failure = await this.#globals.close()
    if (failure) this.#onError(failure)
  }
}
