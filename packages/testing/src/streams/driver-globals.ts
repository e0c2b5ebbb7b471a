import type { KafkaRecord } from '@kafkado/core'
import {
  createStores,
  type ErrorHandling,
  type GlobalTableNode,
  GlobalUpdates,
  type StateStore,
} from '@kafkado/streams/internal'

/** The global stores of a driver, filled as records arrive. */
export class DriverGlobals {
  readonly stores: ReadonlyMap<string, StateStore>
  readonly #nodes: readonly GlobalTableNode[]
  readonly #updates: GlobalUpdates
  readonly #errors: ErrorHandling

  constructor(nodes: readonly GlobalTableNode[], errors: ErrorHandling) {
    this.#nodes = nodes
    this.#errors = errors
    this.stores = createStores(nodes.map(({ store }) => store))
    this.#updates = new GlobalUpdates(nodes, this.stores)
  }

  get dropped(): GlobalUpdates['dropped'] {
    return this.#updates.dropped
  }

  put(record: KafkaRecord<unknown, unknown>): void {
    for (const node of this.#nodes) {
      if (node.topic.name !== record.topic) continue
      try {
        this.#updates.put(node, record)
      } catch (cause) {
        this.#errors.handle({ ...this.#updates.failedPlace, cause, task: undefined, record })
      }
    }
  }

  close(): ReturnType<GlobalUpdates['close']> {
    return this.#updates.close()
  }
}
