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

export type AskAnyBroker = (request: MetadataRequest, call: Call) => Promise<MetadataAnswer>

interface MetadataRequest {
  topics: { topicId: string | null; name: string | null }[] | null
  allowAutoTopicCreation: boolean
  includeTopicAuthorizedOperations: boolean
}

const mostAttempts = 7
const nothingWrong: ReadonlyMap<string, number> = new Map()

/** Topics, by name and id, with the leaders of their partitions: asked when they are needed, and again when a broker says that they moved. */
export class ClusterMetadata {
  readonly #ask: AskAnyBroker
  readonly #inBackground: <T>(work: (call: Call) => Promise<T>) => Promise<T>
  readonly #learning = new Map<string, Promise<MetadataAnswer>>()
  readonly #byName = new Map<string, KnownTopic>()
  /** What has to be asked for again. It is kept meanwhile, to tell newer leaders from older ones. */
  readonly #stale = new Set<string>()
  readonly #nameOfId = new Map<string, string>()

  /** @param inBackground runs what several callers wait for, and none of them can end */
  constructor(ask: AskAnyBroker, inBackground: <T>(work: (call: Call) => Promise<T>) => Promise<T>) {
    this.#ask = ask
    this.#inBackground = inBackground
  }

  /** What is known of a topic without asking. */
  known(name: string): KnownTopic | undefined {
    return this.#stale.has(name) ? undefined : this.#byName.get(name)
  }

  /** The topic has to be asked for again, because a broker's answer did not fit. */
  forget(name: string): void {
    if (this.#byName.has(name)) this.#stale.add(name)
  }

  /**
   * Finds out about those topics which are not known. Who wants to know the same at the same time waits for the same answer, so that requests
   * which need it go on in the order in which they came.
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
      const forget = (): void => fresh.forEach((name) => this.#learning.delete(name))
      asking.then(forget, forget)
    }
    const learning = new Set(missing.map((name) => this.#learning.get(name) as Promise<MetadataAnswer>))
    const topics = (await Promise.all(learning)).flatMap((answer) => answer.topics)
    call.signal.throwIfAborted()
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
   * The names of topics by id. The broker asked may not know a topic yet that has just been assigned, so unknown ones are asked for again
   * for about a second; those that are gone are left out.
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
  }
}
