import type { Call } from './call.ts'
import type { MetadataAnswer, TopicAnswer } from './metadata-api.ts'

export interface PartitionLeader {
  /** −1 while there is none. */
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** What is known of a topic. */
export interface KnownTopic {
  readonly topicId: string
  readonly name: string
  readonly partitions: ReadonlyMap<number, PartitionLeader>
}

/** What several callers wait for, and none of them can end. */
export interface BackgroundAnswer<T> {
  readonly answer: Promise<T>
  /** Somebody waited for it in vain. */
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
 * Topics, by name and id, with the leaders of their partitions: asked when they are needed, and again when a broker
 * says that they moved.
 */
export class ClusterMetadata {
  readonly #ask: AskAnyBroker
  readonly #inBackground: InBackground
  readonly #learning = new Map<string, BackgroundAnswer<MetadataAnswer>>()
  readonly #byName = new Map<string, KnownTopic>()
  /** What has to be asked for again. It is kept meanwhile, to tell newer leaders from older ones. */
  readonly #stale = new Set<string>()
  readonly #nameOfId = new Map<string, string>()
  /**
   * Kept also when a broker does not know the topic: what a member owns must not be taken for given up because one
   * broker is behind.
   */
  readonly #idOfName = new Map<string, string>()

  /** @param inBackground runs what several callers wait for, and none of them can end */
  constructor(ask: AskAnyBroker, inBackground: InBackground) {
    this.#ask = ask
    this.#inBackground = inBackground
  }

  /** What is known of a topic without asking. */
  known(name: string): KnownTopic | undefined {
    return this.#stale.has(name) ? undefined : this.#byName.get(name)
  }

  /** As `known`, also when it has to be asked for again, which somebody may have found out just now. */
  lastKnown(name: string): KnownTopic | undefined {
    return this.#byName.get(name)
  }

  /** The id that the topic had last. */
  idOf(name: string): string | undefined {
    return this.#idOfName.get(name)
  }

  /** The name of the topic that has or had the id, as far as it is known. */
  nameOf(topicId: string): string | undefined {
    return this.#nameOfId.get(topicId)
  }

  /** The topic has to be asked for again, because a broker's answer did not fit. */
  forget(name: string): void {
    if (this.#byName.has(name)) this.#stale.add(name)
  }

  /**
   * Finds out about those topics which are not known. Who wants to know the same at the same time waits for the same
   * answer, so that requests which need it go on in the order in which they came.
   *
   * @returns the error codes of those that stay unknown
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
   * Asks a broker, and keeps what it says.
   *
   * @param create makes topics that do not exist, where the cluster does that on first use
   */
  askFor(names: readonly string[] | null, call: Call, create = false): Promise<MetadataAnswer> {
    return this.#request(names?.map((name) => ({ topicId: null, name })) ?? null, create, call)
  }

  /**
   * The names of topics by id. The broker asked may not know a topic yet that has just been assigned, so unknown ones
   * are asked for again for about a second; those that are gone are left out.
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

  /** Who gives up waiting makes the next one ask anew, and another broker: this one may never answer. */
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
      // A broker that is behind still names the last leader.
      leaders.set(partition, known && known.leaderEpoch > leaderEpoch ? known : { leaderId, leaderEpoch })
    }
    this.#byName.set(name, { topicId, name, partitions: leaders })
    this.#nameOfId.set(topicId, name)
    this.#idOfName.set(name, topicId)
  }
}
