import type { Draw } from './draw.ts'
import type { PlannedAction } from './plan.ts'
import type { WorldAction } from './world-actions.ts'

/** How often each kind of action is drawn, beside the others. */
export type ActionWeights = Partial<Record<WorldAction['kind'], number>>

/** What those who use a topic ask when they begin, and when they go on. */
const operationsBeneath = [
  'listOffsets',
  'listOffsets',
  'fetch',
  'metadata',
  'produce',
  'consumerGroupHeartbeat',
] as const

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export interface ActionPlaces {
  readonly clients: readonly string[]
  readonly topics: readonly string[]
  readonly groups: readonly string[]
  readonly transactionalIds: readonly string[]
  readonly untilMs: number
}

/** Draws what happens in a world. */
export function drawActions(draw: Draw, count: number, weights: ActionWeights, places: ActionPlaces): PlannedAction[] {
  const kinds = (Object.entries(weights) as [WorldAction['kind'], number][]).filter(([kind]) =>
    isPossible(kind, places),
  )
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0)
  if (total === 0) return []
  const actions = Array.from({ length: count }, () => {
    let left = draw.between(0, total)
    const [kind] = kinds.find(([, weight]) => (left -= weight) < 0) ?? (kinds[0] as [WorldAction['kind'], number])
    return { atMs: draw.whole(1500, places.untilMs), action: drawAction(draw, kind, places) }
  })
  return actions.sort((left, right) => left.atMs - right.atMs)
}

function isPossible(kind: WorldAction['kind'], { clients, topics, groups, transactionalIds }: ActionPlaces): boolean {
  if (kind.endsWith('client')) return clients.length > 0
  if (kind.endsWith('topic') || kind === 'delete records') return topics.length > 0
  if (kind.endsWith('group')) return groups.length > 0 && topics.length > 0
  return kind === 'abort transaction' ? transactionalIds.length > 0 : true
}

function drawAction(draw: Draw, kind: WorldAction['kind'], places: ActionPlaces): WorldAction {
  const client = draw.one(...places.clients)
  const topic = draw.one(...places.topics)
  const group = draw.one(...places.groups)
  switch (kind) {
    case 'crash server':
    case 'restart server':
      return { kind, downMs: draw.one(0, 200, 1000, 8000) }
    case 'stall server':
      return { kind, forMs: draw.one(300, 2000, 9000) }
    case 'outage': {
      const state = draw.one('refusing', 'silent')
      const forMs = draw.one(300, 2000, 7000, 14_000)
      return draw.chance(0.5) ? { kind, state, forMs } : { kind, client, state, forMs }
    }
    case 'stall client':
      return { kind, client, forMs: draw.one(500, 3000, 7000, 14_000) }
    case 'kill client':
    case 'close client':
      return { kind, client, downMs: draw.one(0, 100, 1000, 8000) }
    case 'set clock': {
      const byMs = draw.one(-dayMs, -hourMs, -3000, 3000, hourMs, dayMs)
      return draw.chance(0.6) ? { kind, byMs } : { kind, client, byMs }
    }
    case 'stall disk':
      return { kind, forMs: draw.one(100, 1000, 5000) }
    case 'fail disk':
      return { kind, how: draw.one('sync', 'write'), downMs: draw.one(100, 1000, 5000) }
    case 'fill disk':
      return { kind, forMs: draw.one(500, 3000, 10_000) }
    case 'misread disk':
      return { kind }
    case 'create topic':
      return { kind, topic: `${topic}-${draw.whole(2, 3)}`, partitions: draw.whole(1, 2), configs: {} }
    case 'delete topic':
      return { kind, topic }
    case 'recreate topic':
      return draw.chance(0.5)
        ? { kind, topic, afterMs: draw.one(0, 10, 500, 4000) }
        : { kind, topic, afterMs: draw.one(0, 0, 10), beneath: draw.one(...operationsBeneath) }
    case 'extend topic':
      return { kind, topic, partitions: draw.whole(3, 5) }
    case 'configure topic':
      return {
        kind,
        topic,
        configs: draw.one<Readonly<Record<string, string>>>({ 'retention.ms': '3000' }, { 'retention.bytes': '500' }),
      }
    case 'delete records':
      return { kind, topic, part: draw.one(0.2, 0.5, 1) }
    case 'reset group':
      return { kind, group, topic, to: draw.one('earliest', 'latest') }
    case 'delete group':
      return { kind, group }
    case 'abort transaction':
      return { kind, transactionalId: draw.one(...places.transactionalIds) }
  }
}
