import type { Duration } from '@kafkado/core'
import { anyField, type ConfigFields, durationField } from '@kafkado/core/internal'
import { namedOptions } from '../operator-options.ts'
import type { Named } from '../types.ts'
import type { JoinOn } from './key-path.ts'

export interface StreamJoinOptions<L, R, KL = unknown, KR = unknown> {
  /**
   * Which records belong together, such as `(order, payment) => order.id === payment.orderId`. Default: equal keys. Set
   * it when the keys differ; the records then go through an internal topic.
   */
  on?: JoinOn<L, R, KL, KR> | undefined
  /**
   * How far apart in time two records may be: up to so much before and after, both included. A longer window keeps more
   * records in state. Kafka: JoinWindows.
   */
  window: Duration | { readonly before?: Duration; readonly after?: Duration }
  /**
   * How long, in stream time, a late record is still accepted. Default 1 day for an inner join. For left and outer
   * joins 0, because a record without a match is forwarded only when this time is over. Raise it for records that
   * arrive late; state grows with it. Also raise it to join a stream with itself by another key: records take longer
   * through the internal topic. Kafka: JoinWindows.grace.
   */
  grace?: Duration | undefined
  /**
   * Names the state, the internal topics and the operator. Default: made of both sources. Set it to keep the state when
   * the topology changes. Kafka: StreamJoined.withName, withStoreName.
   */
  name?: string | undefined
}

export interface TableJoinOptions<L, R, KL = unknown, KR = unknown> {
  /** Which records and rows belong together. The right side must be the key of the table. Default: equal keys. */
  on?: JoinOn<L, R, KL, KR> | undefined
  /**
   * How long a record waits, in stream time, for late rows. It is then joined with the row of its own time, and keeps
   * its own time. Default none: a record meets the current row. Set it when rows are written about the time of their
   * records, or after them. It takes two stores, one for waiting records and one for former rows, which are kept as
   * long as a record may ask for them; any table will do. A record later than the grace does not wait, and meets the
   * row of its time if that is still known. The results of waiting records have no headers. Kafka:
   * Joined.withGracePeriod (KIP-923), which needs a versioned table.
   */
  grace?: Duration | undefined
  /**
   * Names the operator, the stores of a grace, and the internal topic if one is needed. Default: made of both sources.
   * Set it to keep the state when the topology changes. Kafka: Joined.as.
   */
  name?: string | undefined
}

export interface GlobalJoinOptions<K, V, K2> extends Named {
  /** Returns the key of the row to join with a record; null for none. */
  key: (value: V, key: K) => K2 | null | undefined
}

export const tableJoinOptions: ConfigFields<TableJoinOptions<never, never>> = {
  ...namedOptions,
  on: anyField(),
  grace: durationField(),
}
export const streamJoinOptions: ConfigFields<StreamJoinOptions<never, never>> = {
  ...tableJoinOptions,
  window: anyField(),
}
export const globalJoinOptions: ConfigFields<GlobalJoinOptions<never, never, unknown>> = {
  ...namedOptions,
  key: anyField(),
}
export const joinWindowOptions: ConfigFields<{ before?: Duration; after?: Duration }> = {
  before: durationField(),
  after: durationField(),
}
