import type { KeyValueStore } from '../state/key-value-store.ts'
import type { NodeContext, RecordInHand } from './processor.ts'

/** What code that fills a global store may do and know. */
export interface GlobalContext extends Pick<NodeContext, 'drop' | 'isClosed' | 'onClose'> {
  readonly store: KeyValueStore
  readonly current: RecordInHand
}

/** Makes the code that fills a global store from the records of its topic, once for each member. */
export type BuildGlobalProcessor = (context: GlobalContext) => (value: unknown, key: unknown) => void
