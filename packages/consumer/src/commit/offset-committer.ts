import { isKafkaError, KafkaError, offsetCommit, type Transport } from '@kafkado/core'
import { backoffOf, errorOfAttempts, orAborted, sleep } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { Membership } from '../group/membership.ts'
import { answersOf, byTopic } from '../partition/by-topic.ts'
import { refusalOf } from '../partition/offset-answer.ts'
import { isUnknownTopic } from '../partition/unknown-topic.ts'
import { type AssignedPartition, partitionKey } from '../topic-partition.ts'
import type { IdentifiedOffset } from './due-offsets.ts'

const attempts = 6

interface CommitterParts<O extends IdentifiedOffset> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  /** As whom to commit, as of now; a heartbeat learns the present epoch. */
  readonly member: Pick<Membership, 'identity' | 'heartbeat'>
  /** The group has them now. */
  onCommitted(offsets: readonly O[]): void
}

/** Commits offsets one request after the other, so that a later one is never overtaken by an earlier one. */
export class OffsetCommitter<O extends IdentifiedOffset> {
  readonly #parts: CommitterParts<O>
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #abort = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: CommitterParts<O>) {
    this.#parts = parts
    this.#backoffMs = backoffOf({ maxBackoff: 2000 }, parts.settings.runtime)
  }

  /**
   * @param read gives what is to be committed and may be, anew for each attempt: nothing once it is committed or no
   *   longer owned
   * @returns whether an attempt had no answer, so that the group may also have what was not committed as far as anybody
   *   was told
   * @throws MemberFencedError when the group went on without this member, which means that others read these records
   *   again; TopicNotFoundError for partitions whose topic was deleted, after the others were committed
   */
  commit(read: () => readonly O[]): Promise<boolean> {
    const done = this.#last.then(() => this.#untilCommitted(read))
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Resolves when what was to be committed so far is committed or has failed. */
  async idle(): Promise<void> {
    await this.#last
  }

  /** Gives up what is under way and what waits. */
  end(reason: Error): void {
    this.#abort.abort(reason)
  }

  async #untilCommitted(read: () => readonly O[]): Promise<boolean> {
    const { signal } = this.#abort
    const gone = new Map<string, KafkaError>()
    const keyOf = (one: AssignedPartition): string => `${partitionKey(one)} ${one.topicId}`
    let mayBeCommitted = false
    try {
      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted()
        const due = read().filter((offset) => !gone.has(keyOf(offset)))
        if (due.length === 0) break
        try {
          const refusals = await orAborted(this.#send(due), signal)
          mayBeCommitted ||= [...refusals.values()].some(({ outcome }) => outcome === 'unknown')
          for (const [offset, error] of refusals) if (isUnknownTopic(error)) gone.set(keyOf(offset), error)
          const worst = [...refusals.values()].filter((error) => !isUnknownTopic(error)).sort(gravestFirst)[0]
          if (worst) throw worst
        } catch (error) {
          // What is given up while it is under way may be carried out all the same.
          mayBeCommitted ||= signal.aborted || !KafkaError.is(error) || error.outcome === 'unknown'
          await this.#beforeNext(attempt, error)
        }
      }
      for (const error of gone.values()) throw error
      return mayBeCommitted
    } catch (error) {
      throw errorOfAttempts(error, mayBeCommitted)
    }
  }

  /** @throws what another attempt does not help with */
  async #beforeNext(attempt: number, error: unknown): Promise<void> {
    const { signal } = this.#abort
    if (signal.aborted || attempt === attempts || !KafkaError.is(error)) throw error
    // The epoch has moved on and the next heartbeat says to what; whatever is still owned is still this member's to
    // commit.
    if (isKafkaError(error, 'STALE_MEMBER_EPOCH')) await orAborted(this.#parts.member.heartbeat(), signal)
    else if (error.retriable) await sleep(this.#parts.settings.runtime.clock, this.#backoffMs(attempt, error), signal)
    else throw error
  }

  /** @returns the partitions that were refused */
  async #send(due: readonly O[]): Promise<Map<O, KafkaError>> {
    const topics = byTopic(due, ({ partition, offset }) => ({
      partition,
      committedOffset: offset,
      committedLeaderEpoch: -1,
      committedMetadata: null,
    }))
    const { transport, settings, member } = this.#parts
    const { group = '', instanceId } = settings
    const request = { groupId: group, ...member.identity, groupInstanceId: instanceId, topics }
    const response = await transport.send(offsetCommit, request, { signal: this.#abort.signal })
    const refusals = new Map<O, KafkaError>()
    const answerOf = answersOf(response.topics)
    for (const offset of due) {
      const answer = answerOf(offset)
      const refusal = answer && refusalOf(offset, answer)
      if (refusal) refusals.set(offset, refusal)
    }
    this.#parts.onCommitted(due.filter((offset) => !refusals.has(offset)))
    return refusals
  }
}

/** What asking again does not help with comes before what it may help with. */
function gravestFirst(one: KafkaError, other: KafkaError): number {
  const rank = (error: KafkaError): number => (isKafkaError(error, 'STALE_MEMBER_EPOCH') ? 1 : error.retriable ? 2 : 0)
  return rank(one) - rank(other)
}
