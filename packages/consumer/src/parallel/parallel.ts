import { InvalidRequestError, type KafkaRecord } from '@kafkado/core'
import { choiceField, field, functionField, integerField, parseConfig, type ConfigFields } from '@kafkado/core/internal'
import type { FailureHandler } from '../dead-letter/dead-letter.ts'

/** Which records wait for each other: those with the same key, those of a partition, or none. */
export type ParallelOrdering = 'key' | 'partition' | 'unordered'

export interface ParallelOptions<V = unknown, K = string> {
  /**
   * How many handlers run at a time. With `workers` the default is one per worker; otherwise it is required. Raise it
   * for handlers that mostly wait for other services; memory and `closeTimeout` have to allow for all of them.
   */
  concurrency?: number | undefined
  /**
   * Which records keep their order. `'key'`, the default: records of one key run in the order of their offsets; records
   * without a key run at any time. `'partition'`: all records of a partition. `'unordered'`: none. Change it to
   * `'partition'` when records of different keys depend on each other, to `'unordered'` when none do.
   */
  ordering?: ParallelOrdering | undefined
  /**
   * Handles a record whose handler failed, such as {@link deadLetter}. Once it resolves, the record counts as
   * processed. Default: reading ends with the error. Set it when one failed record must not stop the others.
   */
  onFailure?: FailureHandler<KafkaRecord<V, K>> | undefined
  /** Ends reading when it aborts: running records are finished and committed, and the promise resolves. */
  signal?: AbortSignal | undefined
}

export interface WorkerOptions<V = unknown, K = string> extends ParallelOptions<V, K> {
  /** The number of threads. Only in Node. Set it to the number of processors that the handlers may use. */
  workers: number
  /**
   * The module that each thread loads. Its default export is the handler. An export `topics`, a list, gives the
   * definitions of topics whose values are not JSON.
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

/** The options with their defaults, after a check. @throws InvalidRequestError */
export function parallelSettings<V, K>(options: ParallelOptions<V, K> | WorkerOptions<V, K>): DispatchSettings<V, K> {
  const { workers, module, ...given } = parseConfig('parallel', fields, options as Partial<WorkerOptions>)
  if ((workers === undefined) !== (module === undefined))
    throw new InvalidRequestError('parallel: workers and module go together')
  const concurrency = given.concurrency ?? workers
  if (concurrency === undefined)
    throw new InvalidRequestError('parallel: say how many handlers run at a time: { concurrency }')
  return { ...(given as ParallelOptions<V, K>), concurrency, ordering: given.ordering ?? 'key' }
}
