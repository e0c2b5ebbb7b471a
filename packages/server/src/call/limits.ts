import { type ConfigFields, integerField, parseConfig } from '@kafkado/core/internal'

/** What the server takes at most. A request beyond a limit is refused with an error that names the limit. */
export interface Limits {
  /**
   * The longest body in bytes, refused with 413 while it is read. Default 8 MiB: several of a producer's largest
   * batches (Kafka: socket.request.max.bytes, 100 MiB there).
   */
  maxBodyBytes: number
  /**
   * The longest body of a group member's heartbeat in bytes: one names all partitions that the member owns, and cannot
   * be sent in parts. Default 4 × `maxBodyBytes`, so 32 MiB: 100,000 partitions, each of a topic with the longest name.
   */
  maxHeartbeatBytes: number
  /** The longest request line and headers together, in bytes, refused with 431. Default 16 KiB. */
  maxHeaderBytes: number
  /**
   * The most partitions, topics or groups that one request may name; capabilities tells clients, which split what is
   * larger. Default 1,000.
   */
  maxPartitions: number
  /**
   * To what a fetch answer is held, in bytes: a larger `maxBytes` is lowered to it. Default 16 MiB (Kafka:
   * fetch.max.bytes).
   */
  maxResponseBytes: number
  /**
   * How long a request may take, reading included, besides the wait of a long poll, in milliseconds; then 408 while it
   * was being read, else 504 with an unknown outcome. Default 30,000 (Kafka: request.timeout.ms).
   */
  requestTimeoutMs: number
  /**
   * The longest wait of a fetch in milliseconds: a larger `maxWaitMs` is lowered to it. Default 30,000 (Kafka:
   * fetch.max.wait.ms).
   */
  maxLongPollMs: number
  /**
   * How many requests may be under way at once, long polls not counted; then 503. A tenth more is kept for heartbeats,
   * so that a burst of produces does not cost consumers their partitions. Default 2,000 (Kafka: queued.max.requests).
   */
  maxRequestsInFlight: number
  /**
   * How many long polls one API key may hold at once, all clients together where there are no keys; then 429. Default
   * 1,000.
   */
  maxLongPollsPerKey: number
  /** How many bytes of bodies may be in memory at once; then 503. Default 256 MiB (Kafka: queued.max.request.bytes). */
  maxBytesInFlight: number
}

export const defaultLimits: Limits = {
  maxBodyBytes: 8 * 1024 * 1024,
  maxHeartbeatBytes: 32 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxPartitions: 1000,
  maxResponseBytes: 16 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  maxLongPollMs: 30_000,
  maxRequestsInFlight: 2000,
  maxLongPollsPerKey: 1000,
  maxBytesInFlight: 256 * 1024 * 1024,
}

const limitsConfig: ConfigFields<Partial<Limits>> = {
  maxBodyBytes: integerField(1),
  maxHeartbeatBytes: integerField(1),
  maxHeaderBytes: integerField(1),
  maxPartitions: integerField(1),
  maxResponseBytes: integerField(1),
  requestTimeoutMs: integerField(1),
  maxLongPollMs: integerField(0),
  maxRequestsInFlight: integerField(1),
  maxLongPollsPerKey: integerField(1),
  maxBytesInFlight: integerField(1),
}

/** @throws InvalidRequestError naming a limit that is unknown or no whole number */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const known = Object.entries(parseConfig('limits', limitsConfig, given)).filter(([, limit]) => limit !== undefined)
  const { maxBodyBytes = defaultLimits.maxBodyBytes } = given
  return { ...defaultLimits, maxHeartbeatBytes: 4 * maxBodyBytes, ...Object.fromEntries(known) }
}
