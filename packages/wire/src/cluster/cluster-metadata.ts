import type { Call } from './call.ts'
import type { MetadataAnswer, TopicAnswer } from './metadata-api.ts'

export interface PartitionLeader {
  /** −1 while there is none. */
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** The known state of a topic. */
export interface KnownTopic {
  readonly topicId: string
  readonly name: string
  readonly partitions: ReadonlyMap<number, PartitionLeader>
}

/** An answer that several callers share; no single caller can cancel it. */
export interface BackgroundAnswer<T> {
  readonly answer: Promise<T>
  /** Call it when somebody stops waiting without an answer. */
  giveUp(): void
}

type InBackground = <T>(work: (call: Call) => Promise<T>) => BackgroundAnswer<T>

export type AskAnyBroker = (request: MetadataRequest, call: Call) => Promise<MetadataAnswer>

interface MetadataRequest {
  topics: { topicId: string | null; name: string | null }[] | null
  allowAutoTopicCreation: boolean
  includeTopicAuthorizedOperations: boolean
}

const mostAttempts = 7
const nothingWrong: ReadonlyMap<string, number> = new Map()

/**
 * The topics, by name and id, with the leaders of their partitions. They are looked up when needed, and again when a
 * broker says that a leader has moved.
 */
export class ClusterMetadata {
  readonly #ask: AskAnyBroker
  readonly #inBackground: InBackground
  readonly #learning = new Map<string, BackgroundAnswer<MetadataAnswer>>()
  readonly #byName = new Map<string, KnownTopic>()
  /** Topics to look up again. Their old state is kept meanwhile, to tell newer leaders from older ones. */
  readonly #stale = new Set<string>()
  readonly #nameOfId = new Map<string, string>()
  /**
   * Kept even when a broker does not know the topic: if one broker lags behind, a member must not seem to have given up
   * its partitions.
   */
  readonly #idOfName = new Map<string, string>()

  /** @param inBackground runs look-ups that several callers share; no single caller can cancel them */
  constructor(ask: AskAnyBroker, inBackground: InBackground) {
    this.#ask = ask
    this.#inBackground = inBackground
  }

  /** The known state of a topic, without asking. */
  known(name: string): KnownTopic | undefined {
    return this.#stale.has(name) ? undefined : this.#byName.get(name)
  }

  /** As `known`, but also returns a state that has to be looked up again, perhaps since a moment ago. */
  lastKnown(name: string): KnownTopic | undefined {
    return this.#byName.get(name)
  }

  /** The last known id of the topic. */
  idOf(name: string): string | undefined {
    return this.#idOfName.get(name)
  }

  /** The name of the topic that has or had the id, if known. */
  nameOf(topicId: string): string | undefined {
    return this.#nameOfId.get(topicId)
  }

  /** A broker's answer contradicts the known state: look the topic up again. */
  forget(name: string): void {
    if (this.#byName.has(name)) this.#stale.add(name)
  }

  /**
   * Looks up the unknown topics among these. Concurrent callers share one answer, so that requests that need it
   * continue in the order in which they came.
   *
   * @returns the error codes of topics that stay unknown
   */
  async learn(names: readonly string[], call: Call): Promise<ReadonlyMap<string, number>> {
    const missing = [...new Set(names)].filter((name) => !this.known(name))
    if (missing.length === 0) return nothingWrong
    const fresh = missing.filter((name) => !this.#learning.has(name))
    if (fresh.length > 0) {
      const asking = this.#inBackground((background) => this.askFor(fresh, background))
      for (const name of fresh) this.#learning.set(name, asking)
      const forget = (): void => {
        for (const name of fresh) if (this.#learning.get(name) === asking) this.#learning.delete(name)
      }
      asking.answer.then(forget, forget)
    }
    const topics = (await this.#answersFor(missing, call)).flatMap((answer) => answer.topics)
    return new Map(
      topics.filter(({ errorCode }) => errorCode !== 0).map(({ name, errorCode }) => [name ?? '', errorCode]),
    )
  }

  /**
   * Asks a broker, and stores its answer.
   *
   * @param create creates missing topics, if the cluster does that on first use
   */
  askFor(names: readonly string[] | null, call: Call, create = false): Promise<MetadataAnswer> {
    return this.#request(names?.map((name) => ({ topicId: null, name })) ?? null, create, call)
  }

  /**
   * The names of topics by id. The broker may not know a topic that has just been assigned, so unknown ids are looked
   * up again for about a second. Deleted topics are left out.
   */
  async namesOf(topicIds: readonly string[], call: Call): Promise<ReadonlyMap<string, string>> {
    for (let attempt = 1; ; attempt++) {
      const unknown = topicIds.filter((topicId) => !this.#nameOfId.has(topicId))
      if (unknown.length === 0) return this.#nameOfId
      const topics = unknown.map((topicId) => ({ topicId, name: null }))
      await this.#request(topics, false, call)
      if (unknown.every((topicId) => this.#nameOfId.has(topicId))) return this.#nameOfId
      if (attempt === mostAttempts || !(await call.pauseBefore(attempt, undefined))) return this.#nameOfId
    }
  }

  /** When a caller gives up, the next one asks again, at another broker: the first may never answer. */
  async #answersFor(names: readonly string[], call: Call): Promise<MetadataAnswer[]> {
    const waitedFor = new Set(names.map((name) => this.#learning.get(name) as BackgroundAnswer<MetadataAnswer>))
    const giveUp = (): void => {
      for (const [name, learning] of this.#learning) if (waitedFor.has(learning)) this.#learning.delete(name)
      for (const learning of waitedFor) learning.giveUp()
    }
    call.signal.addEventListener('abort', giveUp)
    try {
      return await Promise.all(Array.from(waitedFor, ({ answer }) => answer))
    } finally {
      call.signal.removeEventListener('abort', giveUp)
    }
  }

  async #request(topics: MetadataRequest['topics'], create: boolean, call: Call): Promise<MetadataAnswer> {
    const request = { topics, allowAutoTopicCreation: create, includeTopicAuthorizedOperations: false }
    const answer = await this.#ask(request, call)
    for (const topic of answer.topics) this.#keep(topic)
    return answer
  }

  #keep({ errorCode, name, topicId, partitions }: TopicAnswer): void {
    if (name === null || topicId === null || errorCode !== 0) {
      if (name !== null) this.#byName.delete(name)
      return
    }
    this.#stale.delete(name)
    const before = this.#byName.get(name)
    const leaders = new Map<number, PartitionLeader>()
    for (const { partition, leaderId, leaderEpoch } of partitions) {
      const known = before?.topicId === topicId ? before.partitions.get(partition) : undefined
      // A broker that lags behind still names the last leader.
      leaders.set(partition, known && known.leaderEpoch > leaderEpoch ? known : { leaderId, leaderEpoch })
    }
    this.#byName.set(name, { topicId, name, partitions: leaders })
    this.#nameOfId.set(topicId, name)
    this.#idOfName.set(name, topicId)
  }
}
