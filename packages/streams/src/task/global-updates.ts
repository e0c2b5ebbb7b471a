import type { KafkaRecord } from '@kafkado/core'
import type { ErrorKind } from '../errors/streams-error.ts'
import type { GlobalTableNode } from '../graph/graph-node.ts'
import type { DropReason } from '../processors/processor.ts'
import type { KeyValueStore } from '../state/key-value-store.ts'
import type { StateStore } from '../state/store-definition.ts'
import { Closing } from './closing.ts'
import { CurrentRecord } from './current-record.ts'
import { decoded } from './decoded.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** Puts records into global stores: as they are, or through user code. */
export class GlobalUpdates {
  /** How many records had no effect, by reason. */
  readonly dropped = new Map<DropReason, number>()
  readonly #byNode = new Map<GlobalTableNode, (record: AnyRecord) => void>()
  readonly #closing = new Closing()
  #isClosed = false
  /** The store whose processor is running. */
  #operator: string | undefined

  constructor(nodes: readonly GlobalTableNode[], stores: ReadonlyMap<string, StateStore>) {
    try {
      for (const node of nodes) this.#byNode.set(node, this.#updateOf(node, stores.get(node.store.name) as StateStore))
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** @throws the error that prevents it */
  put(node: GlobalTableNode, record: AnyRecord): void {
    this.#operator = undefined
    this.#byNode.get(node)?.(record)
  }

  /** The place of the error that {@link put} has thrown. */
  get failedPlace(): { readonly kind: ErrorKind; readonly operator: string | undefined } {
    return { kind: this.#operator === undefined ? 'deserialization' : 'processing', operator: this.#operator }
  }

  /** Lets the user code close its resources. @returns the error, if any */
  close(): ReturnType<Closing['run']> {
    this.#isClosed = true
    return this.#closing.run()
  }

  #drop(reason: DropReason): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1)
  }

  #updateOf({ topic, build }: GlobalTableNode, store: StateStore): (record: AnyRecord) => void {
    if (!build) {
      return ({ rawKey, rawValue, timestamp }) => {
        if (rawKey) store.restore(rawKey, rawValue, timestamp)
        else this.#drop('null-key')
      }
    }
    const current = new CurrentRecord()
    const isClosed = (): boolean => this.#isClosed
    const process = build({
      store: store as KeyValueStore,
      get isClosed() {
        return isClosed()
      },
      current,
      drop: (reason) => this.#drop(reason),
      onClose: (operator, act) => this.#closing.add(operator, act),
    })
    return (record) => {
      current.set(record, record.timestamp)
      const [key, value] = decoded(record, topic)
      this.#operator = store.definition.name
      process(value, key)
    }
  }
}
