import { KafkaError } from '../errors/kafka-error.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** The waits between attempts, in milliseconds. */
export interface Backoff {
  /** The wait before the second attempt; it doubles each time. Default 100 ms. */
  readonly backoff?: number | undefined
  /** The longest wait between two attempts. Default 10 s, the patience of what goes on by itself. */
  readonly maxBackoff?: number | undefined
  /** How much of each wait is left to chance, 0 to 1, so that clients do not come back in step. Default 0.2. */
  readonly jitter?: number | undefined
}

/*
 * How patient clients are: all waits between attempts are these. The first is Kafka's retry.backoff.ms, as long as a
 * leader or a coordinator needs to move. The longest depends on who waits:
 */

const firstBackoffMs = 100
/** It goes on beside whatever else there is, for as long as it takes: a server that is away for hours is spared. */
const longestBackoffMs = 10_000

/** Somebody waits for the answer, who is to have it soon after the server is back. Kafka: retry.backoff.max.ms. */
export const patienceOfRequests = { maxBackoff: 1000 }
/** Something expensive begins anew, such as a member of an application with its state. */
export const patienceOfRestarts = { maxBackoff: 30_000 }
/**
 * Within a cluster, whose brokers tell one another in a few milliseconds; the client behind it has its own patience.
 */
export const patienceOfBrokers = { backoff: 20, maxBackoff: 1000 }

/**
 * How long a topic is waited for that the server does not know: one that was made a moment ago is not known everywhere
 * at once.
 */
export const unknownTopicPatienceMs = 1000

/** How often a commit is tried: a group that moves on for longer is one whose next commit is better. */
export const commitAttempts = 6

/**
 * A first attempt gets this part of the caller's time, each further one twice as much: an answer that was lost leaves
 * time to ask again.
 */
export const firstAttemptPart = 1 / 8
/** Kafka: request.timeout.ms. */
export const longestAttemptMs = 30_000
/** With less time left than this nothing is tried any more. */
export const shortestAttemptMs = 20

/**
 * The waits between attempts: exponential from `backoff` to `maxBackoff`, spread by `jitter`, and never shorter than
 * what the server asked for.
 */
export function backoffOf(
  { backoff = firstBackoffMs, maxBackoff = longestBackoffMs, jitter = 0.2 }: Backoff,
  { random }: Runtime,
): (attempt: number, error: unknown) => number {
  return (attempt, error) => {
    const waitMs = Math.min(backoff * 2 ** (attempt - 1), maxBackoff) * (1 + jitter * (2 * random.next() - 1))
    return Math.max(waitMs, KafkaError.is(error) ? (error.retryAfterMs ?? 0) : 0)
  }
}
