import { errorCodeOf, KafkaError, offsetCommit, type Transport } from '@kafkado/core'
import { backoffOf, errorOfCode, sleep } from '@kafkado/core/internal'
import type { ConsumerSettings, TopicPartition } from './consumer-config.ts'
import type { Membership } from './membership.ts'
import { byTopic } from './start-position.ts'

const attempts = 6

export interface OffsetToCommit extends TopicPartition {
  /** The offset of the next record to read. */
  readonly offset: number
}

/** Commits offsets one request after the other, so that a later one is never overtaken by an earlier one. */
export class OffsetCommitter {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #membership: Membership
  readonly #backoffMs: (attempt: number, error: unknown) => number
  #last: Promise<unknown> = Promise.resolve()

  constructor(transport: Transport, settings: ConsumerSettings, membership: Membership) {
    this.#transport = transport
    this.#settings = settings
    this.#membership = membership
    this.#backoffMs = backoffOf({ maxBackoff: 2000 }, settings.runtime)
  }

  /**
   * @param read gives what to commit when its turn has come
   * @throws MemberFencedError when the group went on without this member, which means that others read these records again
   */
  commit(read: () => readonly OffsetToCommit[]): Promise<readonly OffsetToCommit[]> {
    const done = this.#last.then(async () => {
      const offsets = read()
      if (offsets.length > 0) await this.#withRetries(offsets)
      return offsets
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Resolves when what was to be committed so far is committed or has failed. */
  async idle(): Promise<void> {
    await this.#last
  }

  async #withRetries(offsets: readonly OffsetToCommit[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#send(offsets)
        return
      } catch (error) {
        if (attempt === attempts || !KafkaError.is(error)) throw error
        const isStale = error.kafkaCode !== undefined && errorCodeOf(error.kafkaCode).name === 'STALE_MEMBER_EPOCH'
        // The epoch has moved on and the next heartbeat says to what; the offsets are still this member's to commit.
        if (isStale) await this.#membership.heartbeat()
        else if (error.retriable) await sleep(this.#settings.runtime.clock, this.#backoffMs(attempt, error))
        else throw error
      }
    }
  }

  async #send(offsets: readonly OffsetToCommit[]): Promise<void> {
    const topics = [...byTopic(offsets)].map(([topic, own]) => ({
      topic,
      partitions: own.map(({ partition, offset }) => ({
        partition,
        committedOffset: offset,
        committedLeaderEpoch: -1,
        committedMetadata: null,
      })),
    }))
    const { group = '', instanceId } = this.#settings
    const response = await this.#transport.send(offsetCommit, {
      groupId: group,
      ...this.#membership.identity,
      groupInstanceId: instanceId,
      topics,
    })
    for (const { topic, partitions } of response.topics) {
      for (const { partition, errorCode, errorMessage } of partitions) {
        if (errorCode !== 0) throw errorOfCode(errorCode, { topic, partition, detail: errorMessage })
      }
    }
  }
}
