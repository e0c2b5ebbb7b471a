import type { Operator } from './case.ts'

/** What is known of what an operator makes, and so what may follow it. */
export interface Made {
  readonly kind: 'stream' | 'table' | 'global' | 'grouped' | 'groupedTable' | 'split'
  readonly isCount: boolean
  /** Whether its keys are windows: of all the windows of an aggregation, as it made them, or of some. */
  readonly isWindowed: false | 'whole' | 'part'
  readonly isRekeyed: boolean
  /** The topics that its records come from. */
  readonly origins: ReadonlySet<string>
  /** Through how many internal topics they have come. */
  readonly hops: number
  /** Whether a deviation may show in it, so that nothing may follow that has state or changes values: what came of that could not be told from a fault. */
  readonly isEnd: boolean
  /** Whether changes of it were held back: then a filter may say more than Kafka's. */
  readonly isHeld: boolean
}

const plain = { isCount: false, isWindowed: false, isRekeyed: false, hops: 0, isEnd: false, isHeld: false } as const

export function sourceMade(operator: Extract<Operator, { topic: string; op: 'stream' | 'table' | 'globalTable' }>): Made {
  const kind = operator.op === 'globalTable' ? 'global' : operator.op
  return { ...plain, kind, origins: new Set([operator.topic]) }
}

/**
 * Two that are to meet in one operator; undefined where the order in which they meet is nobody's to promise: when records of one topic come on two ways of
 * which one goes through an internal topic.
 */
export function combinedOf(one: Made, other: Made, hops: number): Pick<Made, 'origins' | 'hops'> | undefined {
  const isShared = [...one.origins].some((topic) => other.origins.has(topic))
  // Where Kafka Streams looks for a row that is held back, it finds the newest of the table before it.
  if (isShared && (hops > 0 || one.isHeld || other.isHeld)) return undefined
  return { origins: new Set([...one.origins, ...other.origins]), hops }
}

/** What an operator makes of what it is given. */
export function operatorMade(operator: Exclude<Operator, { topic: string; op: 'stream' | 'table' | 'globalTable' }>, from: Made, other?: Made): Made {
  const own = { ...from, isWindowed: from.isWindowed && ('part' as const) }
  const hop = from.hops + (from.isRekeyed ? 1 : 0)
  switch (operator.op) {
    case 'filter':
      return { ...own, isEnd: own.isEnd || (own.kind === 'table' && own.isHeld) }
    case 'peek':
    case 'branch':
    case 'to':
      return own
    case 'toStream':
      return { ...own, kind: 'stream' }
    case 'split':
      return { ...own, kind: 'split' }
    case 'mapValues':
      return { ...own, isCount: false }
    case 'map':
    case 'flatMap':
    case 'process':
      return { ...own, isCount: false, isWindowed: false, isRekeyed: true }
    case 'selectKey':
      return { ...own, isWindowed: false, isRekeyed: true }
    case 'merge':
      return { ...own, ...union(from, other), isRekeyed: from.isRekeyed || other?.isRekeyed === true }
    case 'groupByKey':
      return { ...own, kind: 'grouped', hops: hop, isRekeyed: false }
    case 'groupBy':
      return from.kind === 'table'
        ? { ...own, kind: 'groupedTable', isWindowed: false, hops: from.hops + 1 }
        : { ...own, kind: 'grouped', isWindowed: false, hops: from.hops + 1, isRekeyed: false }
    case 'repartition':
      return { ...own, hops: from.hops + 1, isRekeyed: false }
    case 'toTable':
      return { ...own, kind: 'table', hops: hop, isRekeyed: false }
    case 'suppress':
      return { ...own, isHeld: true }
    case 'untilWindowCloses':
      return { ...own, isEnd: true }
    case 'aggregate':
    case 'cogroup': {
      const { window } = operator
      const isFinal = operator.op === 'aggregate' && operator.emit === 'final'
      const isCount = operator.op === 'aggregate' && (operator.by === 'count' || (operator.by === 'reduce' && from.isCount))
      return { ...own, ...union(from, other), kind: 'table', isHeld: false, isCount, isWindowed: window ? 'whole' : false, isEnd: isFinal }
    }
    case 'join': {
      const isForeign = from.kind === 'table' && operator.key !== undefined
      const otherHop = other?.isRekeyed ? 1 : 0
      const hops = hop + (other?.hops ?? 0) + otherHop + (isForeign ? 1 : 0)
      const isOuter = from.kind === 'stream' && other?.kind !== 'table' && operator.kind !== 'inner'
      const isEnd = isOuter || (isForeign && from.hops > 0)
      return { ...own, ...union(from, other), isCount: false, hops, isRekeyed: other?.kind === 'global' && from.isRekeyed, isEnd }
    }
  }
}

function union(one: Made, other: Made | undefined): Pick<Made, 'origins' | 'hops'> {
  return {
    origins: new Set([...one.origins, ...(other?.origins ?? [])]),
    hops: one.hops + (other?.hops ?? 0),
  }
}
