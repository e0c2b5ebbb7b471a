import type { Caches, Forward, NodeContext } from '../processors/processor.ts'
import { type CacheBudget, type CacheCounts, RecordCache } from '../processors/record-cache.ts'
import type { GraphNode } from '../graph/graph-node.ts'
import type { StateStore } from '../state/store-definition.ts'

/** What the operators of a task hold back. Without a budget they hold back nothing. */
export class RecordCaches implements Caches {
  readonly #context: NodeContext
  readonly #stores: ReadonlyMap<string, StateStore>
  readonly #budget: CacheBudget | undefined
  readonly #byOperator = new Map<string, RecordCache>()
  #inOrder: readonly RecordCache[] = []

  constructor(
    context: NodeContext,
    { stores, cache }: { readonly stores: ReadonlyMap<string, StateStore>; readonly cache?: CacheBudget | undefined },
  ) {
    this.#context = context
    this.#stores = stores
    this.#budget = cache
  }

  make(store: string, operator: string, forward: Forward): RecordCache | undefined {
    const definition = this.#stores.get(store)?.definition
    if (!this.#budget || !definition?.isCached) return undefined
    const cache = new RecordCache(definition, this.#context, forward, this.#budget)
    this.#byOperator.set(operator, cache)
    return cache
  }

  /** To be called when all are made. @param nodes each after its inputs: what one tells, another may hold back */
  sort(nodes: readonly GraphNode[]): void {
    this.#inOrder = nodes.flatMap(({ name }) => this.#byOperator.get(name) ?? [])
  }

  of(store: string): RecordCache | undefined {
    return this.#inOrder.find((cache) => cache.store === store)
  }

  get hasUpdates(): boolean {
    return this.#inOrder.some(({ size }) => size > 0)
  }

  /** By store. */
  get counts(): Readonly<Record<string, CacheCounts>> {
    return Object.fromEntries(this.#inOrder.map(({ store, counts }) => [store, counts]))
  }

  /** Tells all that is held back. */
  flush(): void {
    for (const cache of this.#inOrder) cache.flush()
  }
}
