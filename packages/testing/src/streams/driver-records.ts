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
