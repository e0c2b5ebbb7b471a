import type { Clock, KafkaRecord, TopicDefinition } from '@kafkado/core'
import type { Header } from '@kafkado/core/internal'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Subtopology } from '../graph/topology.ts'
import type { StateStore } from '../state/store-definition.ts'

type AnyRecord = KafkaRecord<unknown, unknown>

/** What a task writes with, and what it tells. */
export interface TaskParts {
  readonly subtopology: Subtopology
  readonly partition: number
  readonly names: InternalNames
  readonly stores: ReadonlyMap<string, StateStore>
  /**
   * @param isUnchanged whether the value is the record's own, and is written as it was
   * @param headers those that it is written with in place of the record's own
   */
  send(
    sink: TopicDefinition<unknown, unknown>,
    key: unknown,
    value: unknown,
    timestamp: number,
    record: AnyRecord | undefined,
    isUnchanged: boolean,
    headers: readonly Header[] | undefined,
  ): void
  /** A record could not be read or processed. Throws where that ends the application. */
  onError(error: unknown, record: AnyRecord | undefined): void
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
}
