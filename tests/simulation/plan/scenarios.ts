import { noFaults } from '../world/faults.ts'
import type { ClientPlan, ProducerPlan } from './client-plans.ts'
import type { Draw } from './draw.ts'
import type { ActionWeights } from './draw-actions.ts'
import { copier, groupTraits, producer, reader, streams, transactor } from './draw-clients.ts'
import type { Plan, TopicPlan } from './plan.ts'
import {
  type Frame,
  actions,
  allTheTime,
  atTheEnd,
  coming,
  comingLater,
  deleting,
  fromTheStart,
  inOneTurn,
  keyed,
  madeAnewTogether,
  outages,
  poisoning,
  settingAside,
  topic,
  traitsOf,
  withConfigs,
} from './scenario-parts.ts'

type Scenario = (
  draw: Draw,
  frame: Frame,
) => Pick<Plan, 'topics' | 'clients' | 'actions'> & Partial<Pick<Plan, 'rates'>>

export const scenarios: Readonly<Record<string, Scenario>> = {
  /** Producers and a group, and everything between them goes wrong. */
  faults(draw, frame) {
    const topics = [topic(draw, 'numbers')]
    const traits = traitsOf(draw, frame)
    const readers = groupTraits(draw, 'readers')
    const clients: ClientPlan[] = [
      ...draw.some(1, 3, (index) => producer(draw, traits, `producer${index}`, ['numbers'])),
      ...draw.some(0, 2, (index) => reader(draw, traits, `member${index}`, ['numbers'], readers)),
      ...draw.some(0, 1, (index) => reader(draw, traits, `alone${index}`, ['numbers'])),
    ]
    return { topics, clients, actions: actions(draw, frame, topics, clients, { ...outages }) }
  },
  /** Copies whose processes are killed and replaced. */
  'exactly-once'(draw, frame) {
    const topics = [topic(draw, 'input'), topic(draw, 'output')]
    const traits = traitsOf(draw, frame)
    const readers = groupTraits(draw, 'readers')
    const place = { group: 'copiers', pipeline: 'copy', input: 'input', output: 'output' }
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) => producer(draw, traits, `producer${index}`, ['input'], true)),
      ...draw.some(0, 1, (index) => transactor(draw, traits, `writer${index}`, ['input'], `writer${index}`)),
      ...draw.some(1, 2, (index) =>
        copier(draw, traits, `copier${index}`, { ...place, transactionalId: `copier${index}` }),
      ),
      ...draw.some(0, 1, (index) => reader(draw, traits, `reader${index}`, ['output'], readers)),
    ]
    return { topics, clients, actions: actions(draw, frame, topics, clients, { ...outages, 'kill client': 8 }) }
  },
  /** A group whose members come, go and crash. */
  churn(draw, frame) {
    const topics = [topic(draw, 'numbers')]
    const traits = traitsOf(draw, frame)
    const readers = groupTraits(draw, 'readers')
    const clients: ClientPlan[] = [
      producer(draw, traits, 'producer', ['numbers']),
      ...draw.some(2, 4, (index) => reader(draw, traits, `member${index}`, ['numbers'], readers)),
    ]
    const weights = { ...coming, 'stall client': 2, outage: 1, 'crash server': 1 }
    return { topics, clients, actions: actions(draw, frame, topics, clients, weights, 12) }
  },
  /** Transactions of several producers, also with the same id, and readers of both kinds. */
  transactions(draw, frame) {
    const topics = draw.some(1, 2, (index) => topic(draw, `accounts${index}`))
    const names = topics.map((one) => one.topic)
    const traits = traitsOf(draw, frame)
    const readers = groupTraits(draw, 'readers')
    const hasRivals = draw.chance(0.4)
    const clients: ClientPlan[] = [
      ...draw.some(1, 3, (index) =>
        transactor(draw, traits, `writer${index}`, names, hasRivals ? 'writer' : `writer${index}`),
      ),
      ...draw.some(0, 1, (index) => producer(draw, traits, `producer${index}`, names)),
      ...draw.some(0, 2, (index) => reader(draw, traits, `member${index}`, names, readers)),
      ...draw.some(0, 1, (index) => reader(draw, traits, `alone${index}`, names)),
    ]
    const weights = { ...outages, 'kill client': 3, 'abort transaction': 1 }
    return { topics, clients, actions: actions(draw, frame, topics, clients, weights) }
  },
  /** Members of a streams application that are killed and replaced, with both guarantees. */
  streams(draw, frame) {
    const topics = [topic(draw, 'input'), topic(draw, 'output')]
    const traits = traitsOf(draw, frame)
    const transform = draw.one('copy', 'count', 'processor', 'windows', 'join')
    const table = transform === 'join' ? 'table' : undefined
    const deadTopic = draw.chance(0.4) ? 'dead' : undefined
    const more: TopicPlan[] = [
      ...(table === undefined ? [] : [{ ...topic(draw, table), partitions: topics[0]?.partitions ?? 1 }]),
      ...(deadTopic === undefined ? [] : [{ ...topic(draw, deadTopic), isForDeadLetters: true as const }]),
    ]
    const feeding = (plan: ProducerPlan): ProducerPlan => {
      const fed = keyed(draw, plan)
      return deadTopic === undefined ? fed : poisoning(draw, fed)
    }
    const common = {
      application: 'app',
      pipeline: 'app',
      guarantee: draw.chance(0.7) ? 'exactly-once' : 'at-least-once',
      transform,
      isRepartitioned: draw.chance(0.4),
      input: 'input',
      output: 'output',
      table,
      deadTopic,
    } as const
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) => feeding(producer(draw, traits, `producer${index}`, ['input'], true))),
      ...(table === undefined ? [] : [keyed(draw, producer(draw, traits, 'rows', [table], true))]),
      ...draw.some(1, 2, (index) => streams(draw, traits, `streams${index}`, common)),
      ...draw.some(0, 1, (index) => reader(draw, traits, `reader${index}`, ['output'])),
    ]
    return {
      topics: [...topics, ...more],
      clients,
      actions: actions(draw, frame, topics, clients, { ...outages, 'kill client': 5, 'close client': 2 }),
    }
  },
  /** Readers that begin at the end, while records come all the time, and members of groups come and go. */
  'from the end'(draw, frame) {
    const topics = [topic(draw, 'numbers')]
    const traits = traitsOf(draw, frame)
    const readers = { ...groupTraits(draw, 'readers'), ...atTheEnd }
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) => allTheTime(draw, producer(draw, traits, `producer${index}`, ['numbers']))),
      ...draw.some(1, 3, (index) => comingLater(draw, reader(draw, traits, `member${index}`, ['numbers'], readers))),
      ...draw.some(0, 1, (index) => {
        const alone = { ...groupTraits(draw, undefined), ...atTheEnd }
        return comingLater(draw, reader(draw, traits, `alone${index}`, ['numbers'], alone))
      }),
    ]
    const weights: ActionWeights = draw.chance(0.7) ? { 'close client': 1 } : { ...outages, ...coming }
    const quiet = draw.chance(0.6) ? { rates: noFaults } : {}
    return { topics, clients, actions: actions(draw, frame, topics, clients, weights, 10), ...quiet }
  },
  /** Clocks of clients that are set while they wait, and what they do when everything is well again. */
  clocks(draw, frame) {
    const topics = [topic(draw, 'numbers')]
    const traits = { ...traitsOf(draw, frame), hasSkewedClocks: true }
    const jumping = <T extends ClientPlan>(plan: T): T => ({ ...plan, jumpRate: 0.6 })
    const readers = groupTraits(draw, 'readers')
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) =>
        jumping({ ...producer(draw, traits, `producer${index}`, ['numbers']), sendsWhenWell: true }),
      ),
      ...draw.some(0, 1, (index) => jumping(reader(draw, traits, `member${index}`, ['numbers'], readers))),
      ...draw.some(0, 1, (index) => jumping(reader(draw, traits, `alone${index}`, ['numbers']))),
    ]
    const rates = { ...noFaults, 'lost request': draw.between(0.02, 0.15), 'lost answer': draw.between(0, 0.1) }
    const weights: ActionWeights = { 'set clock': 4, outage: 1, 'crash server': 1 }
    return { topics, clients, actions: actions(draw, frame, topics, clients, weights), rates }
  },
  /** Records that some cannot decode or process, and copy to another topic, while members come and go. */
  'dead letters'(draw, frame) {
    const numbers = topic(draw, 'numbers')
    const dead: TopicPlan = { ...topic(draw, 'dead'), isForDeadLetters: true }
    const traits = traitsOf(draw, frame)
    const readers = { ...groupTraits(draw, 'readers'), isolation: 'read_committed' as const }
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) => poisoning(draw, producer(draw, traits, `producer${index}`, ['numbers']))),
      ...draw.some(1, 3, (index) => settingAside(draw, reader(draw, traits, `member${index}`, ['numbers'], readers))),
      ...draw.some(0, 1, (index) => settingAside(draw, reader(draw, traits, `alone${index}`, ['numbers']))),
    ]
    const weights: ActionWeights = { ...outages, ...coming }
    return { topics: [numbers, dead], clients, actions: actions(draw, frame, [numbers], clients, weights) }
  },
  /** Topics that come, go, grow and lose records under those who use them, and groups that are reset. */
  topics(draw, frame) {
    const topics = draw.some(1, 3, (index) =>
      withConfigs(
        topic(draw, `orders${index}`),
        draw.one<TopicPlan['configs']>(
          {},
          {},
          { 'retention.ms': '5000' },
          { 'retention.bytes': '1000', 'segment.bytes': '200' },
          { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' },
          { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0', 'min.compaction.lag.ms': '20000' },
          { 'cleanup.policy': 'compact,delete', 'retention.ms': '5000' },
        ),
      ),
    )
    const names = topics.map((one) => one.topic)
    const traits = traitsOf(draw, frame)
    const readers = groupTraits(draw, 'readers')
    const byPrefix = draw.chance(0.3) ? { ...readers, prefix: 'orders' } : readers
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) => keyed(draw, producer(draw, traits, `producer${index}`, names))),
      ...draw.some(0, 1, (index) => transactor(draw, traits, `writer${index}`, names, `writer${index}`)),
      ...draw.some(1, 3, (index) => reader(draw, traits, `member${index}`, names, byPrefix)),
      ...draw.some(0, 1, (index) => {
        const alone = reader(draw, traits, `alone${index}`, names)
        // Partitions that are added later are not among those that it has chosen.
        return { ...alone, isToSeeAll: alone.isToSeeAll && !alone.isAssigned }
      }),
    ]
    const weights: ActionWeights = {
      'crash server': 2,
      outage: 1,
      'close client': 2,
      'kill client': 1,
      'set clock': 1,
      'create topic': 1,
      'delete topic': 1,
      'recreate topic': 3,
      'extend topic': 3,
      'configure topic': 2,
      'delete records': 4,
      'reset group': 2,
      'delete group': 1,
    }
    return { topics, clients, actions: actions(draw, frame, topics, clients, weights, 8) }
  },
  /** Topics that are made anew under readers without a group. */
  'made anew'(draw, frame) {
    const topics = draw.some(2, 3, (index) => topic(draw, `orders${index}`))
    const names = topics.map((one) => one.topic)
    const traits = traitsOf(draw, frame)
    const readers = groupTraits(draw, 'readers')
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) => producer(draw, traits, `producer${index}`, names)),
      ...draw.some(2, 4, (index) => inOneTurn(draw, fromTheStart(reader(draw, traits, `alone${index}`, names)))),
      ...draw.some(0, 1, (index) => reader(draw, traits, `member${index}`, names, readers)),
    ]
    const pairs = draw.some(1, 4, () => madeAnewTogether(draw, frame, names)).flat()
    const weights = { 'recreate topic': 2, 'close client': 3, 'kill client': 1, 'crash server': 1, outage: 1 }
    const others = actions(draw, frame, topics, clients, weights)
    return { topics, clients, actions: [...pairs, ...others].sort((left, right) => left.atMs - right.atMs) }
  },
  /** Keys that are written, deleted and written again, cleaned soon, and read from the beginning again and again. */
  compacted(draw, frame) {
    const topics = draw.some(1, 2, (index) =>
      withConfigs(topic(draw, `states${index}`), {
        'cleanup.policy': draw.one('compact', 'compact', 'compact,delete'),
        'min.cleanable.dirty.ratio': '0',
        'delete.retention.ms': draw.one('0', '500', '2000', '6000', '60000'),
        ...draw.one<TopicPlan['configs']>({}, {}, { 'min.compaction.lag.ms': '2000' }),
      }),
    )
    const names = topics.map((one) => one.topic)
    const traits = traitsOf(draw, frame)
    const readers = groupTraits(draw, 'readers')
    const clients: ClientPlan[] = [
      ...draw.some(1, 2, (index) => deleting(draw, keyed(draw, producer(draw, traits, `producer${index}`, names)))),
      ...draw.some(1, 3, (index) => fromTheStart(reader(draw, traits, `alone${index}`, names))),
      ...draw.some(0, 1, (index) => reader(draw, traits, `member${index}`, names, readers)),
    ]
    const weights: ActionWeights = { ...outages, ...coming, 'delete records': 1, 'recreate topic': 1 }
    return { topics, clients, actions: actions(draw, frame, topics, clients, weights, 8) }
  },
}
