import type { Clock, KafkaRecord } from '@kafkado/core'
import type { ErrorKind } from '../errors/streams-error.ts'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Subtopology } from '../graph/topology.ts'
import type { CacheBudget } from '../processors/record-cache.ts'
import type { StateStore } from '../state/store-definition.ts'
import type { SendRecord } from './output/send-record.ts'

/** What a task writes with, and what it tells. */
export interface TaskParts {
  readonly subtopology: Subtopology
  readonly partition: number
  readonly names: InternalNames
  readonly stores: ReadonlyMap<string, StateStore>
  readonly send: SendRecord
  /**
   * A record could not be read or processed; without a record it was a punctuation. Throws where that ends the
   * application.
   */
  onError(kind: ErrorKind, error: unknown, record: KafkaRecord<unknown, unknown> | undefined): void
  /** Whether errors may leave something out, and do not all end the application. */
  readonly leavesOut?: boolean | undefined
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** What its caches may hold, with those of others; undefined where every update is told. */
  readonly cache?: CacheBudget | undefined
}
