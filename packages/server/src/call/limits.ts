import { type ConfigFields, integerField, parseConfig } from '@kafkado/core/internal'

/** Upper limits of the server. A request beyond a limit is refused with an error that names the limit. */
export interface Limits {
  /**
   * The longest body; a longer one is refused with 413 while it is read. Default 8 MiB, room for several of a
   * producer's largest batches. Raise it for larger records or batches, together with the producer's `maxRequestBytes`
   * and with `maxBytesInFlight`. In bytes. Kafka: socket.request.max.bytes, 100 MiB there.
   */
  maxBodyBytes: number
  /**
   * The longest body of a group member's heartbeat. A heartbeat names all partitions that the member owns, and cannot
   * be split. Default 4 × `maxBodyBytes`, so 32 MiB: 100,000 partitions of topics with the longest names. Raise it for
   * members that own more, together with `maxBytesInFlight`. In bytes.
   */
  maxHeartbeatBytes: number
  /**
   * The longest request line and headers together; longer ones are refused with 431. Default 16 KiB. Raise it when a
   * proxy adds large headers or cookies. In bytes.
   */
  maxHeaderBytes: number
  /**
   * The most partitions, topics or groups that one request may name. Clients learn it from the capabilities and split
   * larger requests. Default 1,000. Raise it to save requests when members own thousands of partitions; each request
   * then takes longer and more memory.
   */
  maxPartitions: number
  /**
   * The largest answer to a fetch; a larger `maxBytes` is lowered to it. Default 16 MiB. Raise it for consumers far
   * behind on fast networks; lower it when memory is scarce, because each fetch may take that much. In bytes. Kafka:
   * fetch.max.bytes.
   */
  maxResponseBytes: number
  /**
   * How long a request may take, including its body but not the wait of a long poll. Then it gets 408 if the body was
   * still being read, otherwise 504 with an unknown outcome. Default 30,000. Raise it for slow disks or clients on slow
   * networks, together with the clients' `timeout`. In milliseconds. Kafka: request.timeout.ms.
   */
  requestTimeoutMs: number
  /**
   * The longest wait of a fetch for records; a longer `maxWaitMs` is lowered to it. Default 30,000. Lower it below the
   * idle timeout of a proxy in front of the server, or when each poll holds a connection to a broker. Raise it for
   * fewer requests from idle consumers, together with the proxy's timeout. In milliseconds. Kafka: fetch.max.wait.ms.
   */
  maxLongPollMs: number
  /**
   * How many requests may be under way at once, without long polls; further ones get 503. A tenth more is reserved for
   * heartbeats, so that a burst of produces does not cost consumers their partitions. Default 2,000. Raise it for many
   * clients on a fast machine, together with `maxBytesInFlight`. Kafka: queued.max.requests.
   */
  maxRequestsInFlight: number
  /**
   * How many long polls one API key may hold at once; without keys, all clients together. Further ones get 429. Default
   * 1,000. Raise it when more consumers than that share a key, or when there are no keys; each poll holds a connection.
   */
  maxLongPollsPerKey: number
  /**
   * How many partitions one API key may make in an hour: in new topics, in topics that grow, which count with all their
   * partitions, and in topics that their first use creates. Beyond it, requests that would make more get 429 until time
   * has passed. Default 10,000, a tenth of what the embedded engine keeps in all. Raise it for keys that set up many
   * topics, together with the engine's `maxPartitionsInAll`; lower it for keys that you do not trust. Kafka:
   * controller_mutation_rate, a quota by seconds.
   */
  maxNewPartitionsPerHourPerKey: number
  /**
   * How many bytes of bodies may be in memory at once; further requests get 503. Default 256 MiB. Lower it on small
   * machines; raise it together with `maxRequestsInFlight` or `maxBodyBytes`. In bytes. Kafka:
   * queued.max.request.bytes.
   */
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
  maxNewPartitionsPerHourPerKey: 10_000,
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
  maxNewPartitionsPerHourPerKey: integerField(1),
  maxBytesInFlight: integerField(1),
}

/** @throws InvalidRequestError naming a limit that is unknown or no whole number */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const known = Object.entries(parseConfig('limits', limitsConfig, given)).filter(([, limit]) => limit !== undefined)
  const { maxBodyBytes = defaultLimits.maxBodyBytes } = given
  return { ...defaultLimits, maxHeartbeatBytes: 4 * maxBodyBytes, ...Object.fromEntries(known) }
}
