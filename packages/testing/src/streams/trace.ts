/** One thing that happened in a test driver: a record came in, went out, or had no effect. */
export interface TraceStep {
  readonly what: 'in' | 'out' | 'dropped'
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  /** The task, as `subtopology_partition`. */
  readonly task: string
  /** Why it had no effect. */
  readonly reason?: string
}
