import {
  type AnyOperation,
  type Clock,
  createPartitions,
  createTopics,
  deleteTopics,
  KafkaError,
  metadata,
  produce,
  type RequestOf,
  type ResponseOf,
  type Transport,
} from '@kafkado/core'
import { HourlyShares } from './hourly-shares.ts'
import type { Limits } from './limits.ts'

/** More names than this are forgotten and looked up again. */
const mostKnownTopics = 100_000

const making: ReadonlySet<string> = new Set(
  [createTopics, createPartitions, deleteTopics, produce, metadata].map(({ name }) => name),
)

/** Whether requests of the operation may change how many partitions there are. */
export function makesPartitions({ name }: AnyOperation): boolean {
  return making.has(name)
}

/** What a request may make, taken from the share of its key. */
export interface Charge {
  /** Gives back what was not made. */
  settle(response: unknown): void
  /** Gives everything back if the request surely had no effect. */
  fail(error: unknown): void
}

/**
 * Counts the partitions that each API key makes: in new topics, in topics that grow, and in topics that their first use
 * creates. Partitions stay when their maker is gone, so one key must not take the room of all others.
 */
export class NewPartitions {
  readonly #shares: HourlyShares
  readonly #transport: Transport
  /** Topics that are there, so that their use makes nothing. */
  readonly #known = new Set<string>()
  readonly #lookingUp = new Map<string, Promise<void>>()

  constructor({ maxNewPartitionsPerHourPerKey }: Limits, clock: Clock, transport: Transport) {
    const option = 'maxNewPartitionsPerHourPerKey'
    this.#shares = new HourlyShares(maxNewPartitionsPerHourPerKey, clock, 'partitions', option)
    this.#transport = transport
  }

  /**
   * @returns undefined if the request makes nothing
   * @throws QuotaExceededError when the key has made as much as it may
   */
  async charge<O extends AnyOperation>(
    keyId: string,
    operation: O,
    request: RequestOf<O>,
  ): Promise<Charge | undefined> {
    const count = await this.#countOf(operation, request)
    if (count === 0) return undefined
    const giveBack = this.#shares.take(keyId, count)
    return {
      settle: (response) => {
        giveBack(unmade(operation, request, response, count))
        if (operation.name === metadata.name) this.#keep((response as ResponseOf<typeof metadata>).topics)
        if (operation.name === produce.name)
          this.#keep(
            (response as ResponseOf<typeof produce>).topics.filter(({ partitions }) =>
              partitions.some(({ errorCode }) => errorCode === 0),
            ),
          )
      },
      fail: (error) => {
        if (KafkaError.is(error) && error.outcome === 'failed') giveBack(count)
      },
    }
  }

  async #countOf(operation: AnyOperation, request: unknown): Promise<number> {
    switch (operation.name) {
      case createTopics.name:
        return sum((request as RequestOf<typeof createTopics>).topics.map(({ numPartitions }) => numPartitions))
      case createPartitions.name:
        return sum((request as RequestOf<typeof createPartitions>).topics.map(({ count }) => count))
      case deleteTopics.name:
        for (const topic of (request as RequestOf<typeof deleteTopics>).topics) this.#known.delete(topic)
        return 0
      case produce.name: {
        const { topics, allowAutoTopicCreation = true } = request as RequestOf<typeof produce>
        return allowAutoTopicCreation ? this.#missing(topics.map(({ topic }) => topic)) : 0
      }
      case metadata.name: {
        const { topics, allowAutoTopicCreation } = request as RequestOf<typeof metadata>
        return allowAutoTopicCreation ? this.#missing(topics ?? []) : 0
      }
      default:
        return 0
    }
  }

  /** How many of the topics are not there yet. Each counts as one partition: only the transport knows the default. */
  async #missing(names: readonly string[]): Promise<number> {
    const unknown = [...new Set(names.filter((name) => !this.#known.has(name)))]
    if (unknown.length === 0) return 0
    const asked = unknown.filter((name) => !this.#lookingUp.has(name))
    if (asked.length > 0) {
      const lookUp = this.#lookUp(asked)
      for (const name of asked) this.#lookingUp.set(name, lookUp)
    }
    await Promise.all(unknown.flatMap((name) => this.#lookingUp.get(name) ?? []))
    return unknown.filter((name) => !this.#known.has(name)).length
  }

  /** All requests for a topic wait for the same answer, so that none overtakes an earlier one. */
  async #lookUp(names: readonly string[]): Promise<void> {
    try {
      const request = { topics: [...names], allowAutoTopicCreation: false }
      this.#keep((await this.#transport.send(metadata, request)).topics)
    } finally {
      for (const name of names) this.#lookingUp.delete(name)
    }
  }

  #keep(topics: readonly { readonly topic: string; readonly errorCode?: number }[]): void {
    if (this.#known.size > mostKnownTopics) this.#known.clear()
    for (const { topic, errorCode = 0 } of topics) if (errorCode === 0) this.#known.add(topic)
  }
}

/** −1 stands for the default of the transport, which is one partition or a few. */
function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + Math.max(count, 1), 0)
}

/** How much of the charged was not made, as far as the answer tells. */
function unmade(operation: AnyOperation, request: unknown, response: unknown, charged: number): number {
  switch (operation.name) {
    case createTopics.name: {
      if ((request as RequestOf<typeof createTopics>).validateOnly) return charged
      const { topics } = response as ResponseOf<typeof createTopics>
      return (
        charged - topics.reduce((made, { errorCode, numPartitions }) => made + (errorCode === 0 ? numPartitions : 0), 0)
      )
    }
    case createPartitions.name: {
      const { topics, validateOnly } = request as RequestOf<typeof createPartitions>
      if (validateOnly) return charged
      const { results } = response as ResponseOf<typeof createPartitions>
      const made = new Set(results.flatMap(({ topic, errorCode }) => (errorCode === 0 ? [topic] : [])))
      return charged - sum(topics.filter(({ topic }) => made.has(topic)).map(({ count }) => count))
    }
    default:
      return 0
  }
}
