import type {
  CopierPlan,
  HowToRead,
  ProducerPlan,
  ReaderPlan,
  ReadingPlan,
  StreamsPlan,
  TransactorPlan,
  Travel,
} from './client-plans.ts'
import type { Draw } from './draw.ts'

/** What all clients of a world have in common. */
export interface ClientTraits {
  readonly sessionTimeoutMs: number
  /** How many of the clients are over HTTP, from 0 to 1. */
  readonly httpRate: number
  readonly hasSkewedClocks: boolean
}

const hourMs = 3_600_000

function anyClient(draw: Draw, { httpRate, hasSkewedClocks }: ClientTraits, name: string) {
  return {
    name,
    startMs: draw.whole(0, 2000),
    transport: draw.chance(httpRate) ? 'http' : 'embedded',
    travel: draw.one<Travel>('apart', 'apart', 'at once', 'together'),
    timeoutMs: draw.whole(500, 4000),
    clockMs: hasSkewedClocks && draw.chance(0.5) ? draw.whole(-hourMs, hourMs) : 0,
    clockRate: drawClockRate(draw),
    jumpRate: hasSkewedClocks ? draw.one(0, 0.2) : 0,
  } as const
}

/**
 * In a third of all processes time goes by up to a hundredth faster or slower, which is a hundred times what clocks of
 * machines do.
 */
export function drawClockRate(draw: Draw): number {
  return draw.chance(1 / 3) ? draw.between(0.99, 1.01) : 1
}

function producing(draw: Draw) {
  return {
    batchSize: draw.whole(0, 400),
    lingerMs: draw.whole(0, 20),
    maxInFlight: draw.whole(1, 5),
    deliveryTimeoutMs: draw.one(1500, 4000, 10_000, 60_000),
    pauseMs: draw.one(20, 150, 400),
    compression: draw.chance(0.1) ? 'gzip' : 'none',
  } as const
}

function readingAs(draw: Draw, { sessionTimeoutMs }: ClientTraits): ReadingPlan {
  return {
    sessionTimeoutMs,
    rebalanceTimeoutMs: draw.one(2000, 6000, 20_000),
    heartbeatIntervalMs: draw.one(500, 1000, 2000),
    fetchMaxWaitMs: draw.one(100, 500, 1000),
    closeTimeoutMs: draw.one(2000, 4000, 10_000),
    maxPartitionFetchBytes: draw.one(200, 2000, 1 << 20),
  }
}

/** @param isSure what it sends is there once, as for whoever counts what follows from it */
export function producer(
  draw: Draw,
  traits: ClientTraits,
  name: string,
  topics: readonly string[],
  isSure = false,
): ProducerPlan {
  const isIdempotent = isSure || draw.chance(0.85)
  return {
    kind: 'producer',
    ...anyClient(draw, traits, name),
    ...producing(draw),
    // Of several requests under way one may overtake another, and nothing puts those of a plain producer in order
    // again.
    ...(isIdempotent ? {} : { maxInFlight: 1 }),
    topics,
    records: draw.whole(10, 60),
    isIdempotent,
    acks: isIdempotent || draw.chance(0.7) ? 'all' : draw.one('leader', 'none'),
    keys: draw.chance(0.5) ? draw.whole(1, 6) : 0,
    tombstoneRate: 0,
    poisonRate: 0,
    sendsWhenWell: false,
    maxBufferedBytes: draw.whole(1000, 20_000),
  }
}

export function transactor(
  draw: Draw,
  traits: ClientTraits,
  name: string,
  topics: readonly string[],
  transactionalId: string,
): TransactorPlan {
  return {
    kind: 'transactor',
    ...anyClient(draw, traits, name),
    ...producing(draw),
    topics,
    transactionalId,
    transactions: draw.whole(3, 15),
    recordsEach: draw.whole(1, 6),
    transactionTimeoutMs: draw.one(2000, 5000, 10_000),
    throwRate: draw.one(0, 0.1, 0.3),
    longRate: draw.one(0, 0, 0.1),
  }
}

const ways: readonly HowToRead[] = ['loop', 'loop', 'next', 'take', 'batches', 'parallel', 'forEach', 'filter']

/** What all readers of a group have in common. */
export interface GroupTraits extends Pick<ReaderPlan, 'from' | 'isolation' | 'prefix' | 'seeksByTime'> {
  readonly group: string | undefined
}

export function groupTraits(draw: Draw, group: string | undefined): GroupTraits {
  return {
    group,
    from: draw.chance(0.85) ? 'earliest' : draw.one('latest', 'now'),
    isolation: draw.chance(0.8) ? 'read_committed' : 'read_uncommitted',
    prefix: undefined,
    seeksByTime: draw.chance(0.1),
  }
}

export function reader(
  draw: Draw,
  traits: ClientTraits,
  name: string,
  topics: readonly string[],
  common: GroupTraits = groupTraits(draw, undefined),
): ReaderPlan {
  const isAlone = common.group === undefined
  const how = isAlone ? draw.one('loop', 'next', 'forEach', 'filter') : draw.one(...ways)
  const byHand = how === 'batches' ? (['batch', 'batch'] as const) : (['commit', 'record'] as const)
  return {
    kind: 'reader',
    ...anyClient(draw, traits, name),
    ...readingAs(draw, traits),
    ...common,
    topics,
    isAssigned: isAlone && draw.chance(0.4),
    instanceId: !isAlone && draw.chance(0.2) ? name : undefined,
    assignor: draw.chance(0.7) ? 'uniform' : 'range',
    how,
    commit: isAlone ? 'none' : draw.one('auto', 'auto', ...byHand),
    autoCommitIntervalMs: draw.one(200, 700, 2000),
    ordering: draw.one('key', 'partition', 'unordered'),
    workMs: draw.one(0, 5, 50),
    overlapRate: draw.one(0, 0.1, 0.3),
    aside: undefined,
    failRate: isAlone ? 0 : draw.one(0, 0, 0.03),
    leaveRate: isAlone ? 0 : draw.one(0, 0, 0.03),
    pauseRate: draw.one(0, 0, 0.02),
    seekRate: common.seeksByTime ? 0.05 : draw.one(0, 0, 0.02),
    isToSeeAll: common.from === 'earliest' && !common.seeksByTime,
  }
}

export function copier(
  draw: Draw,
  traits: ClientTraits,
  name: string,
  place: Pick<CopierPlan, 'group' | 'pipeline' | 'input' | 'output' | 'transactionalId'>,
): CopierPlan {
  return {
    kind: 'copier',
    ...anyClient(draw, traits, name),
    ...producing(draw),
    ...readingAs(draw, traits),
    ...place,
    transactionTimeoutMs: draw.one(2000, 5000, 10_000),
    how: draw.one('batches', 'batches', 'loop', 'next'),
    offsetsOf: draw.one('consumer', 'records'),
    instanceId: draw.chance(0.2) ? name : undefined,
    throwRate: draw.one(0, 0.05, 0.2),
    longRate: draw.one(0, 0, 0.05),
  }
}

export function streams(
  draw: Draw,
  traits: ClientTraits,
  name: string,
  common: Pick<
    StreamsPlan,
    | 'application'
    | 'pipeline'
    | 'guarantee'
    | 'transform'
    | 'isRepartitioned'
    | 'input'
    | 'output'
    | 'table'
    | 'deadTopic'
  >,
): StreamsPlan {
  return {
    kind: 'streams',
    ...anyClient(draw, traits, name),
    ...readingAs(draw, traits),
    ...common,
    transactionTimeoutMs: draw.one(2000, 5000),
    deliveryTimeoutMs: draw.one(2000, 10_000),
  }
}
