import type { Caches, Forward, NodeContext } from '../processors/processor.ts'
import { type CacheBudget, type CacheCounts, RecordCache } from '../processors/record-cache.ts'
import type { GraphNode } from '../graph/graph-node.ts'
import type { StateStore } from '../state/store-definition.ts'

/** The caches of a task's operators. Without a budget, nothing is held back. */
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

  /**
   * Call it when all are made. @param nodes each after its inputs: one cache's updates may be held back by a later one
   */
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

  /** Forwards everything held back. */
  flush(): void {
    for (const cache of this.#inOrder) cache.flush()
  }
}
