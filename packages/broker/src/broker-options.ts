import { type Duration, type Runtime, systemRuntime } from '@kafkado/core'
import {
  booleanField,
  type ConfigFields,
  durationField,
  integerField,
  parseConfig,
  runtimeField,
  toMilliseconds,
} from '@kafkado/core/internal'

/** How an embedded engine behaves. */
export interface EmbeddedOptions {
  /** Whether a topic is made when it is first used. Default true. Kafka: auto.create.topics.enable. */
  autoCreateTopics?: boolean | undefined
  /** How many partitions a topic has that does not say. Default 1. Kafka: num.partitions. */
  defaultPartitions?: number | undefined
  /** How long a group member may be silent before its partitions go to others. Default 45 s. Kafka: group.consumer.session.timeout.ms. */
  sessionTimeout?: Duration | undefined
  /**
   * How often members of a group send a heartbeat. Default 5 s. While a group has just changed they are asked to come at least every 500 ms,
   * so that partitions move quickly. Kafka: group.consumer.heartbeat.interval.ms.
   */
  heartbeatInterval?: Duration | undefined
  /** The longest time that a transaction may ask for. Default 15 min. Kafka: transaction.max.timeout.ms. */
  maxTransactionTimeout?: Duration | undefined
  /** Time and chance, for tests. */
  runtime?: Runtime | undefined
}

const fields: ConfigFields<EmbeddedOptions> = {
  autoCreateTopics: booleanField(),
  defaultPartitions: integerField(1),
  sessionTimeout: durationField(),
  heartbeatInterval: durationField(),
  maxTransactionTimeout: durationField(),
  runtime: runtimeField(),
}

export interface EngineSettings {
  readonly autoCreateTopics: boolean
  readonly defaultPartitions: number
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly maxTransactionTimeoutMs: number
  readonly runtime: Runtime
}

/** @throws InvalidRequestError when an option is unknown or wrong */
export function engineSettings(options: EmbeddedOptions): EngineSettings {
  const given = parseConfig('engine', fields, options)
  return {
    autoCreateTopics: given.autoCreateTopics ?? true,
    defaultPartitions: given.defaultPartitions ?? 1,
    sessionTimeoutMs: toMilliseconds(given.sessionTimeout ?? '45s', 'sessionTimeout'),
    heartbeatIntervalMs: toMilliseconds(given.heartbeatInterval ?? '5s', 'heartbeatInterval'),
    maxTransactionTimeoutMs: toMilliseconds(given.maxTransactionTimeout ?? '15m', 'maxTransactionTimeout'),
    runtime: given.runtime ?? systemRuntime,
  }
}
