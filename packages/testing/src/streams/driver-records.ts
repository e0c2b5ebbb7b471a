import type { StreamsOptions } from '@kafkado/streams'
import type { StateStorage } from '@kafkado/streams'

/** A record to pipe into a topic. */
export interface PipedRecord<V = unknown, K = string> {
  key?: K | null
  value: V | null
  /** Milliseconds or a Date. Default: the driver's time. */
  timestamp?: number | Date
  headers?: Record<string, string>
}

/** A record that came out of a topic. */
export interface DriverRecord<V = unknown, K = unknown> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
}

export interface TopologyTestDriverOptions {
  /** The initial time of the driver. Default 0. Set it for code that expects realistic dates. */
  now?: Date | number
  /** Where to keep the stores of each task. Default: only in memory. Set it to test with a real storage. */
  storage?: (task: string) => StateStorage
  /**
   * How many bytes of updates to hold back until `commit()`, `restart()` or `advance()`, like the option of
   * applications. Default 0: none. Raise it to test with an application's cache.
   */
  cache?: number
  /**
   * What to do about a failure, as in an application. Default `'fail'`: `pipe` throws the error. Set it to test the
   * application's own choice; read dead letters from their topic.
   */
  onError?: StreamsOptions['onError']
  /**
   * The topic for records that `onError` sends away by `'deadLetter'`. Default: none. Set it whenever `onError` uses
   * `'deadLetter'`.
   */
  deadLetterTopic?: string
}
