import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { Stall } from '../settings/consumer-events.ts'
import type { TopicPartition } from '../partition/topic-partition.ts'
import type { ConsumerSession } from './consumer-session.ts'

export interface PartitionHealth extends TopicPartition {
  /** The offset of the next record to give out. */
  readonly position: number | undefined
  /** The group's committed offset, as far as this member knows. */
  readonly committed: number | undefined
  /** How many records lie between the position and the end, as of the last fetch. */
  readonly lag: number | undefined
  readonly isPaused: boolean
  /** How many fetched records still wait to be given out. */
  readonly buffered: number
  /** How many records were given out and are not committable yet. */
  readonly unfinished: number
}

/** The state of a consumer, for a readiness probe or for finding a problem. */
export interface ConsumerHealth {
  /**
   * `idle` before reading and after leaving, `joining` until partitions are assigned, `failed` when reading cannot
   * continue.
   */
  readonly state: 'idle' | 'joining' | 'running' | 'failed' | 'closed'
  /** Whether all is well: no failure, no stall, no missing topic. */
  readonly isHealthy: boolean
  readonly group: string | undefined
  readonly memberId: string | undefined
  readonly memberEpoch: number | undefined
  /** How long ago the group answered last, in milliseconds. */
  readonly heartbeatAgeMs: number | undefined
  readonly partitions: readonly PartitionHealth[]
  /** The lag of all partitions together; undefined while that of a partition is unknown. */
  readonly totalLag: number | undefined
  readonly stalls: readonly Stall[]
  /** Topics that were read and no longer exist. The consumer reads them again when they are recreated. */
  readonly missingTopics: readonly string[]
  /** The error that ended reading. */
  readonly error: unknown
}

/** The present state of a consumer. */
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
