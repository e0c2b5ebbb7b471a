import { KafkaError } from '../errors/kafka-error.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** The waits between attempts, in milliseconds. */
export interface Backoff {
  /**
   * The wait before the second attempt; it doubles each time, and is 1 ms at least. Default 100 ms. Raise it for a
   * server that recovers slowly.
   */
  readonly backoff?: number | undefined
  /**
   * The longest wait between two attempts. Default 10 s, for work that runs in the background. Lower it when somebody
   * waits for the result.
   */
  readonly maxBackoff?: number | undefined
  /**
   * The random share of each wait, 0 to 1, so that clients do not retry in step. Default 0.2. Raise it when many
   * clients fail at the same moment.
   */
  readonly jitter?: number | undefined
}

/*
 * How patient clients are: all waits between attempts come from here. The first wait is Kafka's retry.backoff.ms, about
 * as long as a leader or a coordinator takes to move. The longest wait depends on who waits:
 */

const firstBackoffMs = 100
/**
 * Always some time passes, also with `backoff: 0`: a server in this process may refuse again and again within the same
 * moment, and then no timer would ever fire, not even the one that ends the attempts.
 */
const shortestBackoffMs = 1
/** Background work, which may take any time: it spares a server that is away for hours. */
const longestBackoffMs = 10_000

/** A caller waits for the answer, and should get it soon after the server is back. Kafka: retry.backoff.max.ms. */
export const patienceOfRequests = { maxBackoff: 1000 }
/** Something expensive starts over, such as a member of an application with its state. */
export const patienceOfRestarts = { maxBackoff: 30_000 }
/** Within a cluster, whose brokers inform one another in milliseconds. The client behind it has its own patience. */
export const patienceOfBrokers = { backoff: 20, maxBackoff: 1000 }

/** How long to wait for an unknown topic: a new topic is not known everywhere at once. */
export const unknownTopicPatienceMs = 1000

/** How often to try a commit. If the group stays unsettled for longer, the next commit is the better one. */
export const commitAttempts = 6

/**
 * The first attempt's share of the caller's time; each further attempt gets twice as much. After a lost answer, time
 * for a retry is left.
 */
export const firstAttemptPart = 1 / 8
/** Kafka: request.timeout.ms. */
export const longestAttemptMs = 30_000
/** With less time left than this, no further attempt begins. */
export const shortestAttemptMs = 20

/**
 * The waits between attempts: exponential from `backoff` to `maxBackoff`, spread by `jitter`, and never shorter than a
 * millisecond, or than the server asked for.
 */
export function backoffOf(
  { backoff = firstBackoffMs, maxBackoff = longestBackoffMs, jitter = 0.2 }: Backoff,
  { random }: Runtime,
): (attempt: number, error: unknown) => number {
  return (attempt, error) => {
    const waitMs = Math.min(backoff * 2 ** (attempt - 1), maxBackoff) * (1 + jitter * (2 * random.next() - 1))
    return Math.max(waitMs, shortestBackoffMs, KafkaError.is(error) ? (error.retryAfterMs ?? 0) : 0)
  }
}
