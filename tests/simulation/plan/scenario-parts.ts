import type { ProducerPlan, ReaderPlan, ClientPlan } from './client-plans.ts'
import type { Draw } from './draw.ts'
import { type ActionWeights, drawActions } from './draw-actions.ts'
import type { ClientTraits } from './draw-clients.ts'
import type { PlannedAction, TopicPlan } from './plan.ts'

export interface Frame {
  readonly healMs: number
  readonly sessionTimeoutMs: number
}

export const outages: ActionWeights = {
  'crash server': 3,
  'restart server': 1,
  'stall server': 1,
  outage: 3,
  'stall client': 2,
  'set clock': 2,
  'stall disk': 2,
  'fail disk': 1,
  'fill disk': 1,
  'misread disk': 1,
}

export const coming: ActionWeights = { 'kill client': 4, 'close client': 3 }

/** Two topics, the second while readers ask where the first now begins: so what they learn of both comes at once. */
export function madeAnewTogether(draw: Draw, { healMs }: Frame, topics: readonly string[]): PlannedAction[] {
  const first = draw.whole(0, topics.length - 1)
  const second = (first + draw.whole(1, topics.length - 1)) % topics.length
  const atMs = draw.whole(1500, healMs - 500)
  const anew = (index: number) => ({ kind: 'recreate topic', topic: topics[index] as string, afterMs: 0 }) as const
  return [
    { atMs, action: anew(first) },
    { atMs, action: { ...anew(second), beneath: 'listOffsets', times: draw.whole(1, 6) } },
  ]
}

/** Its answers come several in one turn. */
export function inOneTurn(draw: Draw, plan: ReaderPlan): ReaderPlan {
  return { ...plan, travel: draw.one('at once', 'together', 'together') }
}

/** Its life may begin anew, and then it reads all that there is once more. */
export function fromTheStart(plan: ReaderPlan): ReaderPlan {
  return { ...plan, from: 'earliest', seeksByTime: false, isToSeeAll: true }
}

/**
 * A part of what it sends are tombstones. It has more keys than it soon writes again, and takes longer than cleaning
 * does.
 */
export function deleting(draw: Draw, plan: ProducerPlan): ProducerPlan {
  const tombstoneRate = draw.one(0.2, 0.5)
  return { ...plan, tombstoneRate, keys: draw.whole(6, 30), records: draw.whole(40, 100), pauseMs: 700 }
}

/** What those have in common that begin at the end. */
export const atTheEnd = { from: 'latest', seeksByTime: false } as const

/** It sends for as long as others come and go. */
export function allTheTime(draw: Draw, plan: ProducerPlan): ProducerPlan {
  return { ...plan, records: draw.whole(30, 80), pauseMs: draw.one(150, 400, 700) }
}

/** Often it commits by itself, and seldom. */
export function comingLater(draw: Draw, plan: ReaderPlan): ReaderPlan {
  const commit = plan.group !== undefined && draw.chance(0.85) ? 'auto' : plan.commit
  const times = { startMs: draw.whole(0, 5000), autoCommitIntervalMs: draw.one(700, 5000) }
  return { ...plan, ...times, commit, seekRate: 0, isToSeeAll: false }
}

/** A part of what it sends is poison. */
export function poisoning(draw: Draw, plan: ProducerPlan): ProducerPlan {
  return { ...plan, poisonRate: draw.one(0.1, 0.4) }
}

/** It copies poison to the topic for it, or skips what it cannot decode, or takes poison for what others do. */
export function settingAside(draw: Draw, plan: ReaderPlan): ReaderPlan {
  const deadTopic = 'dead'
  const mayFail = plan.how === 'forEach' || plan.how === 'parallel'
  const why = mayFail && draw.chance(0.6) ? 'handler' : 'invalid'
  const others = [undefined, { why: 'invalid', deadTopic: undefined }] as const
  return { ...plan, aside: draw.chance(0.8) ? { why, deadTopic } : draw.one(...others) }
}

/** With keys: counts and compaction go by them. */
export function keyed(draw: Draw, plan: ProducerPlan): ProducerPlan {
  return { ...plan, keys: Math.max(plan.keys, draw.whole(2, 5)) }
}

export function topic(draw: Draw, name: string): TopicPlan {
  const configs: TopicPlan['configs'] = draw.chance(0.25) ? { 'message.timestamp.type': 'LogAppendTime' } : {}
  return { topic: name, partitions: draw.whole(1, 4), configs }
}

export function withConfigs(plan: TopicPlan, configs: TopicPlan['configs']): TopicPlan {
  return { ...plan, configs: { ...plan.configs, ...configs } }
}

export function traitsOf(draw: Draw, { sessionTimeoutMs }: Frame): ClientTraits {
  return { sessionTimeoutMs, httpRate: draw.one(0, 0, 0.5, 1), hasSkewedClocks: draw.chance(0.4) }
}

export function actions(
  draw: Draw,
  { healMs }: Frame,
  topics: readonly TopicPlan[],
  clients: readonly ClientPlan[],
  weights: ActionWeights,
  most = 6,
): PlannedAction[] {
  const groups = new Set(clients.flatMap((client) => ('group' in client && client.group ? [client.group] : [])))
  const ids = new Set(clients.flatMap((client) => ('transactionalId' in client ? [client.transactionalId] : [])))
  return drawActions(draw, draw.whole(0, most), weights, {
    clients: clients.map(({ name }) => name),
    topics: topics.map((one) => one.topic),
    groups: [...groups],
    transactionalIds: [...ids],
    untilMs: healMs - 500,
  })
}
