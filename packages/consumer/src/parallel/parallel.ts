import { InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import { choiceField, field, functionField, integerField, parseConfig, type ConfigFields } from '@kafkado/core/internal'
import type { FailureHandler } from '../dead-letter/dead-letter.ts'

/** Which records wait for each other: those of a key, those of a partition, or none. */
export type ParallelOrdering = 'key' | 'partition' | 'unordered'

export interface ParallelOptions<V = unknown, K = string> {
  /** How many handlers run at a time. With `workers` the default is one for each worker; else it has to be given. */
  concurrency?: number | undefined
  /**
   * What keeps its order: `'key'` (default) runs the records of one key one after the other, in the order of their
   * offsets, and those without a key at any time; `'partition'` all of a partition; `'unordered'` none.
   */
  ordering?: ParallelOrdering | undefined
  /**
   * What becomes of a record whose handler failed, such as {@link deadLetter}. When it resolves the record counts as
   * processed. Default: reading ends with the error.
   */
  onFailure?: FailureHandler<KafkaRecord<V, K>> | undefined
  /** Ends reading: what was begun is finished and committed, and the promise resolves. */
  signal?: AbortSignal | undefined
}

export interface WorkerOptions<V = unknown, K = string> extends ParallelOptions<V, K> {
  /** How many threads. Only in Node. */
  workers: number
  /**
   * The module that each thread loads. Its default export is the handler; an export `topics` gives the definitions of
   * topics whose values are not JSON, as a list.
   */
  module: URL | string
}

/** The options with their defaults. */
export type DispatchSettings<V, K> = ParallelOptions<V, K> & { concurrency: number; ordering: ParallelOrdering }

const fields: ConfigFields<Partial<WorkerOptions>> = {
  concurrency: integerField(1),
  ordering: choiceField('key', 'partition', 'unordered'),
  onFailure: functionField(),
  signal: field((value) => value instanceof AbortSignal, 'must be an AbortSignal'),
  workers: integerField(1),
  module: field((value) => value instanceof URL || typeof value === 'string', 'must be a URL'),
}

/** The options with their defaults, checked. @throws InvalidRequestError */
export function parallelSettings<V, K>(options: ParallelOptions<V, K> | WorkerOptions<V, K>): DispatchSettings<V, K> {
  const { workers, module, ...given } = parseConfig('parallel', fields, options as Partial<WorkerOptions>)
  if ((workers === undefined) !== (module === undefined))
    throw new InvalidRequestError('parallel: workers and module go together')
  const concurrency = given.concurrency ?? workers
  if (concurrency === undefined)
    throw new InvalidRequestError('parallel: say how many handlers run at a time: { concurrency }')
  return { ...(given as ParallelOptions<V, K>), concurrency, ordering: given.ordering ?? 'key' }
}
