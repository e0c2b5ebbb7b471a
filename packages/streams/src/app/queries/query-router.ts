import { InvalidRequestError, KafkaError, type Transport } from '@kafkado/core'
import { type ConfigFields, integerField, parseConfig, partitionOfKey, textField } from '@kafkado/core/internal'
import type { InternalNames } from '../../graph/internal-names.ts'
import type { Topology } from '../../graph/topology.ts'
import type { Member } from '../../member/member.ts'
import { partitionsOf } from '../../plan/partitions-of.ts'
import type { Plan } from '../../plan/plan.ts'
import { platform } from '../../platform.ts'
import { partitionedBytes } from '../../windows/windowed.ts'
import type { StoreDefinition } from '../../state/store-definition.ts'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import { encodeKey } from '../../task/output/sink-encoder.ts'
import type { StoreEntry, StoreQuery } from '../../task/store-query.ts'
import { askOwner } from './ask-owner.ts'
import { answerQuery } from './query-handler.ts'
import type { QueryServer, QueryServerOptions } from './query-server.ts'
import { StoreView } from './store-view.ts'

const serverOptions: ConfigFields<QueryServerOptions> = { port: integerField(0, 65_535), host: textField() }

export interface QueryRouterParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  /** Gives the current plan. */
  readonly planNow: () => Plan
  readonly settings: Pick<StreamsSettings, 'application' | 'queryKey'>
  /** The members of this process. */
  readonly members: readonly Member[]
}

/** Brings a query to the member with the answer: one of this process, or the one that the group names. */
export class QueryRouter {
  readonly #parts: QueryRouterParts
  readonly #stores: ReadonlyMap<string, StoreDefinition>
  readonly #globals: ReadonlySet<string>
  #server: QueryServer | undefined

  constructor(parts: QueryRouterParts) {
    const { subtopologies, globals } = parts.topology
    const definitions = [...subtopologies.flatMap(({ stores }) => stores), ...globals.map(({ store }) => store)]
    this.#parts = parts
    this.#stores = new Map(definitions.map((definition) => [definition.name, definition]))
    this.#globals = new Set(globals.map(({ store }) => store.name))
  }

  /** @throws InvalidRequestError when the topology has no such store */
  view<K, V>(store: string): StoreView<K, V> {
    const definition = this.#stores.get(store)
    if (!definition) {
      const names = [...this.#stores.keys()].map((name) => `'${name}'`)
      throw new InvalidRequestError(`there is no store '${store}'; the topology has ${names.join(', ') || 'none'}`)
    }
    return new StoreView<K, V>(
      (key, range) => this.#ask(definition, key, range),
      async () => (await this.#askMembers({ store, key: undefined })) ?? [],
    )
  }

  /** Answers the query of another member from the members of this process. */
  readonly answer = (request: Request): Promise<Response> =>
    answerQuery(request, async (query) => this.#askMembers(await this.#placed(query)), this.#parts.settings.queryKey)

  /** @returns the address of {@link answer} */
  async serve(options: QueryServerOptions): Promise<string> {
    this.#server ??= await platform.serveQueries(this.answer, parseConfig('serveQueries', serverOptions, options))
    return this.#server.url
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  async #ask(
    definition: StoreDefinition,
    key: unknown,
    range?: { from: number; to: number },
  ): Promise<readonly StoreEntry[]> {
    const { name: store, keySerde, valueSerde } = definition
    if (key === null || key === undefined) throw new InvalidRequestError(`store '${store}': give a key to look for`)
    const written = encodeKey({ name: store, key: keySerde, value: valueSerde }, key)
    const query = await this.#placed({ store, key: written as Uint8Array, ...range })
    const { transport, topology, names, settings } = this.#parts
    const { application, queryKey } = settings
    const entries =
      (await this.#askMembers(query)) ?? (await askOwner({ transport, topology, names, application, queryKey }, query))
    if (entries) return entries
    throw new KafkaError(
      `store '${store}': the task that has the key is not here now: it is restored, moves, ` +
        `or runs at another member of '${application}'`,
      { code: 'STORE_NOT_AVAILABLE', retriable: true, outcome: 'failed' },
    )
  }

  /** What the members of this process hold; undefined if they do not have it. */
  async #askMembers(query: StoreQuery): Promise<readonly StoreEntry[] | undefined> {
    const { members } = this.#parts
    // Each member has the whole of a global table.
    const asked = this.#globals.has(query.store) ? members.slice(0, 1) : members
    const answers = await Promise.all(asked.map((member) => member.query(query)))
    const found = answers.filter((answer) => answer !== undefined)
    return found.length === 0 ? undefined : found.flat()
  }

  /** Adds the partition of the task with the key. */
  async #placed(query: StoreQuery): Promise<StoreQuery> {
    const { store, key } = query
    const definition = this.#stores.get(store)
    if (!key || !definition) return query
    const count = await this.#countOf(store)
    if (count === 0) return query
    return { ...query, partition: partitionOfKey(partitionedBytes(definition.keySerde, key), count) }
  }

  /** How many tasks a store is spread over; 0 while its pattern matches no topic. */
  async #countOf(store: string): Promise<number> {
    const { planNow, transport } = this.#parts
    const planned = planNow().stores.find(({ name }) => name === store)
    if (!planned) return 1
    if (planned.partitions > 0) return planned.partitions
    // The first matching topic may have appeared since the start.
    return (await partitionsOf(transport, [planned.changelog])).get(planned.changelog) ?? 0
  }
}
