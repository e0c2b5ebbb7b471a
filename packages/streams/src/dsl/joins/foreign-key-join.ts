import { json, type Serde, type SerdeLike } from '@kafkado/core'
import { answerProcessor } from '../../processors/foreign-key-join/answer.ts'
import { answerSerde, subscriptionKeySerde, subscriptionSerde } from '../../processors/foreign-key-join/messages.ts'
import { LeftRows } from '../../processors/foreign-key-join/left-rows.ts'
import { resolveProcessor } from '../../processors/foreign-key-join/resolve.ts'
import { subscribeProcessor } from '../../processors/foreign-key-join/subscribe.ts'
import type { Joiner } from '../../processors/stream-join.ts'
import { keyIdentityOf } from '../../state/key-identity.ts'
import { type JoinOn, joinKeysOf } from './key-path.ts'
import { unknownOlds } from '../../processors/olds.ts'
import type { TableParts } from '../parts.ts'
import { materialized, storeOf } from '../table/table-of.ts'

export interface ForeignKeyJoinOptions<L, R, KL = unknown, KR = unknown, J = unknown> {
  /**
   * Which rows belong together, such as `(order, customer) => order.customerId === customer.id`, or `{ left: (order,
   * key) => …, right: (customer, key) => key }`, where the foreign key may also use the key of the row (KIP-1104). The
   * right side must be the key of the other table.
   */
  on: JoinOn<L, R, KL, KR>
  /**
   * Names the operator, the store with the result, and the state of the join. Default: names made of both tables, and
   * the result is not kept. Set it to query the result, or to keep the state when the topology changes. Kafka:
   * Materialized.as and TableJoined.as.
   */
  name?: string | undefined
  /**
   * The serde of the results. Default JSON. Set it for values that JSON cannot represent, such as a Date or a bigint.
   * Kafka: Materialized.withValueSerde.
   */
  value?: SerdeLike<J> | undefined
  /**
   * Whether updates of the result may be held back. Default true; see {@link StateOptions.cache} for when to change it.
   */
  cache?: boolean | undefined
}

/**
 * Joins tables by a key within the rows of the left one. Each left row subscribes, in the task of the right row, to
 * that row; the answers come back to the task of the left row. Kafka: KTable.join with a foreign key (KIP-213).
 */
export function joinForeignKey(
  kind: 'inner' | 'left',
  given: TableParts,
  other: TableParts,
  { on, name: givenName }: ForeignKeyJoinOptions<never, never>,
  joiner: Joiner,
): TableParts {
  const { graph } = given
  const keys = joinKeysOf(on)
  for (const { olds } of [given, other]) olds.ask()
  const [left, right] = [materialized(given), materialized(other)]
  const lineage = `${left.lineage}-${right.lineage}`
  const name = givenName ?? graph.whole.uniqueName(`${lineage}-on-${keys.label}-join`)
  const identities = {
    foreign: keyIdentityOf(right.key, name),
    left: keyIdentityOf(left.key, name),
  }
  const rows = new LeftRows(left.getter, left.value, keys.left)
  const isSame = (one: unknown, another: unknown): boolean => identities.foreign(one) === identities.foreign(another)
  const subscribe = graph.whole.processor({
    operator: `subscribe ${name}`,
    inputs: [left.node],
    build: subscribeProcessor({ kind, rows, isSame }),
  })
  const subscriptions = graph.whole.repartition(subscribe, {
    topicSuffix: graph.whole.derivedName(name, 'subscriptions'),
    keySerde: right.key,
    valueSerde: subscriptionSerde(left.key) as Serde<unknown>,
    // A row of a left join without a foreign key gets an answer too.
    keepsNullKeys: true,
    partitions: undefined,
    reason: `rows of ${left.lineage} ask the tasks of ${right.lineage} for the rows that they name`,
  })
  const store = storeOf(
    { graph, key: subscriptionKeySerde(right.key, left.key) as Serde<unknown>, value: json() },
    {
      name: graph.whole.derivedName(name, 'subscriptions'),
      purpose: `which rows of ${left.lineage} name which of ${right.lineage}`,
    },
  )
  const answer = graph.whole.processor({
    operator: `answer ${name}`,
    inputs: [subscriptions, right.node],
    stores: [store],
    build: answerProcessor(store.name, right.getter, identities),
    needsCopartitioning: true,
  })
  const answers = graph.whole.repartition(answer, {
    topicSuffix: graph.whole.derivedName(name, 'answers'),
    keySerde: left.key,
    valueSerde: answerSerde(right.value) as Serde<unknown>,
    partitions: undefined,
    reason: `what ${right.lineage} has for a row goes back to the tasks of ${left.lineage}`,
  })
  graph.whole.feedBack(subscribe, answers)
  const resolve = graph.whole.processor({
    operator: `join ${name}`,
    name: givenName,
    inputs: [answers, left.node],
    build: resolveProcessor({ kind, joiner, rows, matches: keys.matches }),
    needsCopartitioning: true,
  })
  const { key } = left
  const unkept = { getter: undefined, hasOld: false, olds: unknownOlds, store: undefined }
  return { graph, node: resolve, key, value: json(), lineage, ...unkept }
}
