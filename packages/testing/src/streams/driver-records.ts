import type { StreamsOptions } from '@kafkado/streams'
import type { StateStorage } from '@kafkado/streams'

/** What is piped into a topic. */
export interface PipedRecord<V = unknown, K = string> {
  key?: K | null
  value: V | null
  /** Milliseconds or a Date. Default the driver's time. */
  timestamp?: number | Date
  headers?: Record<string, string>
}

/** What came out of a topic. */
export interface DriverRecord<V = unknown, K = unknown> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: Readonly<Record<string, string>>
}

export interface TopologyTestDriverOptions {
  /** The time that the driver begins with. Default 0. */
  now?: Date | number
  /** Where stores are kept, by task; default in memory alone. */
  storage?: (task: string) => StateStorage
  /**
   * How many bytes of updates are held back until `commit()`, `restart()` or `advance()`; see the option of
   * applications. Default 0: none.
   */
  cache?: number
  /**
   * What becomes of what fails, as in an application. Default `'fail'`: `pipe` throws it. Records that are put aside
   * can be read from their topic.
   */
  onError?: StreamsOptions['onError']
  /** Where `onError` puts records aside by `'deadLetter'`. */
  deadLetterTopic?: string
}
