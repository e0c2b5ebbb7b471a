import type { Clock, KafkaRecord } from '@kafkado/core'
import type { LeavingOut } from '../errors/error-options.ts'
import type { ErrorKind } from '../errors/streams-error.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Subtopology } from '../graph/topology.ts'
import type { CacheBudget } from '../processors/record-cache.ts'
import type { StateStore } from '../state/store-definition.ts'
import type { SendRecord } from './output/send-record.ts'

/** The outputs and listeners of a task. */
export interface TaskParts extends Partial<LeavingOut> {
  readonly subtopology: Subtopology
  readonly partition: number
  readonly names: InternalNames
  readonly stores: ReadonlyMap<string, StateStore>
  readonly send: SendRecord
  /**
   * A record could not be read or processed; without a record, a punctuation has failed. Throws if that ends the
   * application.
   */
  onError(kind: ErrorKind, error: unknown, record: KafkaRecord<unknown, unknown> | undefined): void
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** The limit that its caches share with others; undefined if every update is forwarded. */
  readonly cache?: CacheBudget | undefined
}
