import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { Stall } from '../settings/consumer-events.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
import type { ConsumerSession } from './consumer-session.ts'

export interface PartitionHealth extends TopicPartition {
  /** The offset of the next record to give out. */
  readonly position: number | undefined
  /** What the group has committed, as far as this member knows. */
  readonly committed: number | undefined
  /** How many records lie between the position and the end, as of the last fetch. */
  readonly lag: number | undefined
  readonly isPaused: boolean
  /** How many records are fetched and not given out yet. */
  readonly buffered: number
  /** How many were given out and are not committable yet. */
  readonly unfinished: number
}

/** What a readiness probe, or somebody who wonders, needs to know. */
export interface ConsumerHealth {
  /**
   * `idle` before it reads and after it left, `joining` until partitions were assigned, `failed` when reading cannot go
   * on.
   */
  readonly state: 'idle' | 'joining' | 'running' | 'failed' | 'closed'
  /** Whether it does what it should: nothing has failed, nothing is stalled and no topic is missing. */
  readonly isHealthy: boolean
  readonly group: string | undefined
  readonly memberId: string | undefined
  readonly memberEpoch: number | undefined
  /** How long ago the group answered last, in milliseconds. */
  readonly heartbeatAgeMs: number | undefined
  readonly partitions: readonly PartitionHealth[]
  /** All partitions together; undefined while one of them is not known. */
  readonly totalLag: number | undefined
  readonly stalls: readonly Stall[]
  /** Topics that were read and are not there any more. They are read again when they are made anew. */
  readonly missingTopics: readonly string[]
  /** Why it failed. */
  readonly error: unknown
}

/** The state of a consumer as of now. */
export function healthOf<V, K>(
  { group, runtime }: ConsumerSettings,
  session: ConsumerSession<V, K> | undefined,
  isClosed: boolean,
): ConsumerHealth {
  const running = session?.isStopping === false ? session : undefined
  const partitions = (running?.partitions ?? []).map((state): PartitionHealth => {
    const { topic, partition, position, committed, isPaused, buffered, lag, tracker } = state
    return { topic, partition, position, committed, lag, isPaused, buffered, unfinished: tracker.pending }
  })
  const error = running?.arrivals.failure
  const stalls = running?.stalls() ?? []
  const missingTopics = running?.missingTopics.names ?? []
  const lastAnswerMs = running?.membership.lastAnswerMs
  const lags = partitions.map(({ lag }) => lag)
  return {
    state: stateOf(running, isClosed),
    isHealthy: error === undefined && stalls.length === 0 && missingTopics.length === 0,
    group,
    memberId: running?.membership.identity.memberId,
    memberEpoch: running?.membership.identity.memberEpoch,
    heartbeatAgeMs: lastAnswerMs === undefined ? undefined : runtime.clock.monotonic() - lastAnswerMs,
    partitions,
    totalLag: lags.includes(undefined) ? undefined : lags.reduce<number>((sum, lag) => sum + (lag ?? 0), 0),
    stalls,
    missingTopics,
    error,
  }
}

function stateOf<V, K>(running: ConsumerSession<V, K> | undefined, isClosed: boolean): ConsumerHealth['state'] {
  if (isClosed) return 'closed'
  if (!running) return 'idle'
  if (running.arrivals.failure !== undefined) return 'failed'
  return running.hasBegun ? 'running' : 'joining'
}
