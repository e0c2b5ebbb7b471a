import type { Duration } from '@kafkado/core'
import { anyField, type ConfigFields, durationField } from '@kafkado/core/internal'
import { namedOptions } from '../operator-options.ts'
import type { Named } from '../types.ts'
import type { JoinOn } from './key-path.ts'

export interface StreamJoinOptions<L, R, KL = unknown, KR = unknown> {
  /** What belongs together, such as `(order, payment) => order.id === payment.orderId`. Default: equal keys. */
  on?: JoinOn<L, R, KL, KR> | undefined
  /** How far apart in time: up to so much before and after, both included. Kafka: JoinWindows. */
  window: Duration | { readonly before?: Duration; readonly after?: Duration }
  /**
   * How long, in stream time, a record that came too late is still taken. Default 1 day of an inner join; of others 0,
   * as a record that has met none is handed on when that time is over, and not before. Give it where a stream is joined
   * with itself by another key: what went through the repartition comes later.
   */
  grace?: Duration | undefined
  /**
   * The name of the state, of the internal topics and of the operator. Default made of both sources. Kafka:
   * StreamJoined.withName, withStoreName.
   */
  name?: string | undefined
}

export interface TableJoinOptions<L, R, KL = unknown, KR = unknown> {
  /** What belongs together. The table's side has to be its key. Default: equal keys. */
  on?: JoinOn<L, R, KL, KR> | undefined
  /**
   * How long a record waits, in the time of the stream, for rows that come late: it is then joined with the row as it
   * was at the time of the record, and keeps its own time. Default none: a record meets the row that is there when it
   * comes. Give it where rows are written about the time of the records that they belong to, or after them. It takes a
   * store for the records that wait and one for what rows were, which are kept as long as a record may ask for them;
   * any table will do. A record that is later than the grace does not wait, and meets the row of its time as far as
   * that is still known. The results of records that waited have no headers. Kafka: Joined.withGracePeriod (KIP-923),
   * which needs a versioned table.
   */
  grace?: Duration | undefined
  /**
   * The name of the operator, of the stores of a grace, and of the internal topic where one is needed. Kafka:
   * Joined.as.
   */
  name?: string | undefined
}

export interface GlobalJoinOptions<K, V, K2> extends Named {
  /** The key of the row that belongs to a record; null for none. */
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
