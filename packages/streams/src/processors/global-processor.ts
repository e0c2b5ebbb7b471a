import type { KeyValueStore } from '../state/key-value-store.ts'
import type { NodeContext, RecordInHand } from './processor.ts'

/** What code may do and know that fills a global store. */
export interface GlobalContext extends Pick<NodeContext, 'drop' | 'isClosed' | 'onClose'> {
  readonly store: KeyValueStore
  readonly current: RecordInHand
}

/** Makes what fills a global store from the records of its topic, once for each member. */
export type BuildGlobalProcessor = (context: GlobalContext) => (value: unknown, key: unknown) => void
