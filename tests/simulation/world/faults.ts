import { type KafkaErrorName, type Random, seededRandom } from '@kafkado/core'

/** What can happen to a request between a client and the server. */
export const faultKinds = [
  /** It does not arrive, and the client sees its connection break. */
  'lost request',
  /** It does not arrive, and nobody says so. */
  'silent request',
  /** It is carried out, and the client sees its connection break instead of the answer. */
  'lost answer',
  /** It is carried out, and the client waits in vain. */
  'silent answer',
  /** The client sees its connection break, and the request arrives later. */
  'stray',
  /** It arrives later, maybe after the client has given it up, and so others overtake it. */
  'late request',
  /** Its answer comes later. */
  'late answer',
  /** A proxy sends it once more, later. */
  'copied',
  /** It is refused without being carried out. */
  'error',
  /** It is carried out and answered with an error. */
  'error after',
  /** The answer of a proxy: it ends in the middle, or is not the server's. */
  'mangled answer',
] as const

export type FaultKind = (typeof faultKinds)[number]
export type FaultRates = Readonly<Record<FaultKind, number>>

export const noFaults: FaultRates = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as FaultRates

export interface Fault {
  readonly kind: FaultKind
  /** The same for the same request of the same client, whatever else happens. */
  readonly name: string
  readonly delayMs: number
  /** For what else has to be decided. */
  readonly choice: number
}

/** What a client may be answered by a broker that is not lying. */
const errors: readonly KafkaErrorName[] = [
  'UNKNOWN_SERVER_ERROR',
  'CORRUPT_MESSAGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REQUEST_TIMED_OUT',
  'REPLICA_NOT_AVAILABLE',
  'MESSAGE_TOO_LARGE',
  'NETWORK_EXCEPTION',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'KAFKA_STORAGE_ERROR',
  'FENCED_MEMBER_EPOCH',
  'STALE_MEMBER_EPOCH',
  'ILLEGAL_GENERATION',
  'CONCURRENT_TRANSACTIONS',
  'UNSTABLE_OFFSET_COMMIT',
  'THROTTLING_QUOTA_EXCEEDED',
]

/** What says that a request may have been carried out. */
const errorsAfter: readonly KafkaErrorName[] = [
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'NETWORK_EXCEPTION',
]

export function errorOf({ kind, choice }: Fault): KafkaErrorName {
  const names = kind === 'error' ? errors : errorsAfter
  return names[Math.floor(choice * names.length)] as KafkaErrorName
}

export interface FaultsOf {
  readonly rates: FaultRates
  readonly longestDelayMs: number
  readonly spared: readonly string[]
}

/** Decides what happens to the requests of one process. */
export class RequestFaults {
  readonly #process: string
  readonly #plan: FaultsOf
  readonly #random: Random
  readonly #spared: ReadonlySet<string>
  #requests = 0

  constructor(process: string, plan: FaultsOf, seed: number) {
    this.#process = process
    this.#plan = plan
    this.#random = seededRandom(seed)
    this.#spared = new Set(plan.spared)
  }

  next(): Fault | undefined {
    const name = `${this.#process}/${this.#requests++}`
    // As many draws for each request as for any other.
    let draw = this.#random.next()
    const delayMs = this.#random.next() * this.#plan.longestDelayMs
    const choice = this.#random.next()
    const kind = faultKinds.find((one) => (draw -= this.#plan.rates[one]) < 0)
    return kind && !this.#spared.has(name) ? { kind, name, delayMs, choice } : undefined
  }
}
