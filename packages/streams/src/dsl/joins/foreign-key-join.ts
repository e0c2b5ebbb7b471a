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
   * What belongs together, such as `(order, customer) => order.customerId === customer.id`, or `{ left: (order, key) =>
   * …, right: (customer, key) => key }`, where the foreign key may be made of the key of the row as well (KIP-1104).
   * The side of the other table has to be its key.
   */
  on: JoinOn<L, R, KL, KR>
  /**
   * The name of the operator, of the store in which the result is kept, and of the state behind it. Default: they are
   * named after both tables, and the result is not kept. Kafka: Materialized.as and TableJoined.as.
   */
  name?: string | undefined
  /** How the values of the result are written. Default JSON. */
  value?: SerdeLike<J> | undefined
  /** Whether the updates of the result may be held back; see {@link StateOptions.cache}. */
  cache?: boolean | undefined
}

/**
 * Joins tables by a key that the rows of the left one have in them. Each row subscribes, in the task of the right row,
 * to what that is; the answers come back to the task of the left row. Kafka: KTable.join with a foreign key (KIP-213).
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
    // A row of a left join that names nobody is answered as well.
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
