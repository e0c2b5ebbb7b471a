import type { Operator } from './case.ts'

/** What is known of what an operator makes, and so what may follow it. */
export interface Made {
  readonly kind: 'stream' | 'table' | 'versioned' | 'global' | 'grouped' | 'groupedTable' | 'split'
  readonly isCount: boolean
  /**
   * Whether its keys are windows: of a table of which it is known when they are closed, or of what was made of such.
   */
  readonly isWindowed: false | 'whole' | 'part'
  readonly isRekeyed: boolean
  /** The topics that its records come from. */
  readonly origins: ReadonlySet<string>
  /** Through how many internal topics they have come. */
  readonly hops: number
  /**
   * Whether a deviation may show in it, so that nothing may follow that has state or changes values: what came of that
   * could not be told from a fault.
   */
  readonly isEnd: boolean
  /**
   * Whether what Kafka Streams takes for the row before may never have been one. Then only a filter may follow of what
   * asks for it.
   */
  readonly hasFalseOlds: boolean
  /** Whether its changes were held back. */
  readonly isHeld: boolean
  /**
   * Whether it is an aggregate, a join of a table with itself, or was made of one: what Kafka Streams says a row was is
   * at first what it never was.
   */
  readonly beginsFalse: boolean
  /** Whether the first that is told of a row may be that it is not there. */
  readonly mayBeginWithNull: boolean
  /** Whether it is a join by a foreign key, or was made of one. */
  readonly isForeign: boolean
}

const rows = {
  hasFalseOlds: false,
  isHeld: false,
  beginsFalse: false,
  mayBeginWithNull: false,
  isForeign: false,
} as const
const plain = { ...rows, isCount: false, isWindowed: false, isRekeyed: false, hops: 0, isEnd: false } as const

export function sourceMade(
  operator: Extract<Operator, { topic: string; op: 'stream' | 'table' | 'globalTable' }>,
): Made {
  const isVersioned = operator.op === 'table' && operator.isVersioned
  const kind = operator.op === 'globalTable' ? 'global' : isVersioned ? 'versioned' : operator.op
  return { ...plain, kind, origins: new Set([operator.topic]) }
}

/**
 * Two that are to meet in one operator; undefined where the order in which they meet is nobody's to promise: when
 * records of one topic come on two ways of which one goes through an internal topic.
 */
export function combinedOf(one: Made, other: Made, hasHop = false): Pick<Made, 'origins' | 'hops'> | undefined {
  const hops = hopsOf(one) + hopsOf(other)
  // Where Kafka Streams looks for a row that is held back, it finds the newest of the table before it.
  if (isShared(one, other) && (hops > 0 || hasHop || one.isHeld || other.isHeld)) return undefined
  return { origins: new Set([...one.origins, ...other.origins]), hops }
}

function isShared(one: Made, other: Made): boolean {
  return [...one.origins].some((topic) => other.origins.has(topic))
}

/** What an operator makes of what it is given. */
export function operatorMade(
  operator: Exclude<Operator, { topic: string; op: 'stream' | 'table' | 'globalTable' }>,
  from: Made,
  other?: Made,
): Made {
  const isWhole = from.kind === 'table' && (operator.op === 'filter' || operator.op === 'mapValues')
  const own = { ...from, isWindowed: isWhole ? from.isWindowed : from.isWindowed && ('part' as const) }
  const hop = hopsOf(from)
  switch (operator.op) {
    case 'filter':
      return { ...own, isEnd: own.isEnd || (own.kind === 'table' && (own.hasFalseOlds || own.isForeign)) }
    case 'peek':
    case 'to':
      return own
    case 'toStream':
    case 'branch':
      return { ...own, kind: 'stream' }
    case 'split':
      return { ...own, kind: 'split' }
    case 'mapValues':
    case 'flatMapValues':
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
      return { ...own, ...rows, kind: 'table', hops: hop, isRekeyed: false }
    case 'suppress':
      return { ...own, hasFalseOlds: true, isHeld: true }
    case 'untilWindowCloses':
      return { ...own, isEnd: true }
    case 'aggregate':
    case 'cogroup':
      return { ...own, ...union(from, other), ...aggregateMade(operator, from), kind: 'table' }
    case 'join':
      return { ...own, ...union(from, other), ...joinMade(operator, from, other as Made) }
  }
}

function aggregateMade(operator: Extract<Operator, { op: 'aggregate' | 'cogroup' }>, from: Made): Partial<Made> {
  const { window, add } = operator
  const by = operator.op === 'cogroup' ? 'aggregate' : operator.by
  return {
    ...rows,
    isCount: by === 'count' || (by === 'reduce' && from.isCount),
    isWindowed: window ? 'whole' : false,
    isEnd: operator.op === 'aggregate' ? operator.emit === 'final' : window !== undefined,
    hasFalseOlds: window?.type === 'sliding',
    beginsFalse: by !== 'reduce',
    mayBeginWithNull: by === 'aggregate' && add === 'dropping',
  }
}

function joinMade({ kind, key }: Extract<Operator, { op: 'join' }>, from: Made, other: Made): Partial<Made> {
  const isForeign = from.kind === 'table' && key !== undefined
  const isOuter = from.kind === 'stream' && other.kind !== 'table' && other.kind !== 'versioned' && kind !== 'inner'
  const ofEither = (flag: 'hasFalseOlds' | 'isHeld' | 'beginsFalse' | 'mayBeginWithNull' | 'isForeign'): boolean =>
    from[flag] || other[flag]
  return {
    isCount: false,
    hops: hopsOf(from) + hopsOf(other) + (isForeign ? 1 : 0),
    isRekeyed: other.kind === 'global' && from.isRekeyed,
    // The time of a row that is held back is not known to Kafka Streams.
    isEnd:
      isOuter ||
      other.kind === 'versioned' ||
      (isForeign && from.hops > 0) ||
      (from.kind === 'table' && ofEither('isHeld')),
    hasFalseOlds: ofEither('hasFalseOlds'),
    isHeld: ofEither('isHeld'),
    beginsFalse: ofEither('beginsFalse') || isShared(from, other),
    mayBeginWithNull: ofEither('mayBeginWithNull'),
    isForeign: isForeign || ofEither('isForeign'),
  }
}

/** Through how many internal topics they have come where they are joined or grouped. */
function hopsOf({ hops, isRekeyed }: Made): number {
  return hops + (isRekeyed ? 1 : 0)
}

function union(one: Made, other: Made | undefined): Pick<Made, 'origins' | 'hops'> {
  return {
    origins: new Set([...one.origins, ...(other?.origins ?? [])]),
    hops: one.hops + (other?.hops ?? 0),
  }
}

/** Where Kafka Streams looks for a row that is held back it finds what it says that it was, even if it never was. */
export function isLookedUpWrong({ isHeld, beginsFalse }: Made): boolean {
  return isHeld && beginsFalse
}

/** Whether a join that says of what is gone that it is, says so of rows alone. */
export function hasTrueOlds({ hasFalseOlds, mayBeginWithNull }: Made): boolean {
  return !hasFalseOlds && !mayBeginWithNull
}
