import { compareBytes } from '../../state/stored-bytes.ts'
import type { KeyIdentity } from '../../state/key-identity.ts'
import type { KeyValueEntry, KeyValueStore } from '../../state/key-value-store.ts'
import type { BuildProcessor } from '../processor.ts'
import type { BuildGetter } from '../table-source.ts'
import type { Subscription, SubscriptionAnswer, SubscriptionKey } from './messages.ts'

type Subscribers = Map<unknown, KeyValueEntry<SubscriptionKey, { hash: string | null }>>

/** Identities of foreign keys and of left rows' keys. */
export interface SubscriptionIdentities {
  readonly foreign: KeyIdentity
  readonly left: KeyIdentity
}

/** Second step, in the task of the right row: remembers its subscribers, and answers now and with each change. */
export function answerProcessor(store: string, right: BuildGetter, identities: SubscriptionIdentities): BuildProcessor {
  return (context, forward, _late, name) => {
    const subscriptions: KeyValueStore<SubscriptionKey, { hash: string | null }> = context.keyValueStore(store)
    const getRight = right(context, 'told')
    const index = new SubscriptionIndex(subscriptions, identities)
    const answer = (leftKey: unknown, hash: string | null, value: unknown, timestamp: number): void =>
      forward(leftKey, { hash, right: value } satisfies SubscriptionAnswer, timestamp)
    return [
      (foreignKey, { leftKey, instruction, hash }: Subscription, timestamp) => {
        context.operator = name
        if (foreignKey === null) {
          answer(leftKey, hash, null, timestamp)
          return
        }
        if (instruction === 'delete-silently') {
          index.remove(foreignKey, leftKey, timestamp)
          return
        }
        const row = getRight(foreignKey)
        if (instruction === 'tell-if-missing') {
          // The end of a result has the time of what ended it.
          if (!row) answer(leftKey, hash, null, timestamp)
          return
        }
        const latest = Math.max(timestamp, row?.timestamp ?? -1)
        if (instruction === 'delete-and-tell') {
          index.remove(foreignKey, leftKey, timestamp)
          answer(leftKey, hash, null, latest)
          return
        }
        index.put(foreignKey, leftKey, hash, timestamp)
        if (row || instruction === 'tell-always') answer(leftKey, hash, row?.value ?? null, latest)
      },
      (foreignKey, value, timestamp) => {
        context.operator = name
        if (foreignKey === null) return
        for (const entry of index.of(foreignKey)) answer(entry.key.leftKey, entry.value?.hash ?? null, value, timestamp)
      },
    ]
  }
}

/**
 * Finds the subscriptions of a foreign key; the store has them by both keys. Built from the store when it is first
 * needed.
 */
class SubscriptionIndex {
  readonly #store: KeyValueStore<SubscriptionKey, { hash: string | null }>
  readonly #identities: SubscriptionIdentities
  #byForeignKey: Map<unknown, Subscribers> | undefined

  constructor(store: KeyValueStore<SubscriptionKey, { hash: string | null }>, identities: SubscriptionIdentities) {
    this.#store = store
    this.#identities = identities
  }

  of(foreignKey: unknown): KeyValueEntry<SubscriptionKey, { hash: string | null }>[] {
    const found = [...(this.#index.get(this.#identities.foreign(foreignKey))?.values() ?? [])]
    if (found.length < 2) return found
    const bytes = (key: SubscriptionKey): Uint8Array =>
      this.#store.definition.keySerde.serialize(key, { topic: this.#store.definition.name, field: 'key' })
    return found
      .map((entry) => ({ entry, key: bytes(entry.key) }))
      .sort((left, right) => compareBytes(left.key, right.key))
      .map(({ entry }) => entry)
  }

  put(foreignKey: unknown, leftKey: unknown, hash: string | null, timestamp: number): void {
    const index = this.#index
    const key = { foreignKey, leftKey }
    this.#store.put(key, { hash }, timestamp)
    this.#add(index, key)
  }

  remove(foreignKey: unknown, leftKey: unknown, timestamp: number): void {
    const identity = this.#identities.foreign(foreignKey)
    const subscribers = this.#index.get(identity)
    subscribers?.delete(this.#identities.left(leftKey))
    if (subscribers?.size === 0) this.#index.delete(identity)
    this.#store.delete({ foreignKey, leftKey }, timestamp)
  }

  get #index(): Map<unknown, Subscribers> {
    if (this.#byForeignKey) return this.#byForeignKey
    this.#byForeignKey = new Map()
    for (const { key } of this.#store.entries()) this.#add(this.#byForeignKey, key)
    return this.#byForeignKey
  }

  #add(index: Map<unknown, Subscribers>, key: SubscriptionKey): void {
    const entry = this.#store.entry(key)
    if (!entry) return
    const identity = this.#identities.foreign(key.foreignKey)
    let subscribers = index.get(identity)
    if (!subscribers) index.set(identity, (subscribers = new Map()))
    subscribers.set(this.#identities.left(key.leftKey), entry)
  }
}
