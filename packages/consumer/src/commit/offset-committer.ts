import { isKafkaError, KafkaError, type Transport } from '@kafkado/core'
import {
  backoffOf,
  commitAttempts,
  commitOffsets,
  errorOfAttempts,
  hasUnknownOutcome,
  isUnknownTopic,
  orAborted,
  partitionKey,
  patienceOfRequests,
  retrying,
} from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { Membership } from '../group/membership.ts'
import type { AssignedPartition } from '../partition/topic-partition.ts'
import type { IdentifiedOffset } from './due-offsets.ts'

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
    this.#backoffMs = backoffOf(patienceOfRequests, parts.settings.runtime)
  }

  /**
   * @param read gives what is to be committed and may be, anew for each attempt: nothing once it is committed or no
   *   longer owned
   * @param isGoneLeftOut whether topics that were deleted are no failure
   * @returns whether an attempt had no answer, so that the group may also have what was not committed as far as anybody
   *   was told
   * @throws MemberFencedError when the group went on without this member, which means that others read these records
   *   again; TopicNotFoundError for partitions whose topic was deleted, after the others were committed
   */
  commit(read: () => readonly O[], isGoneLeftOut = false): Promise<boolean> {
    const done = this.#last.then(() => this.#untilCommitted(read, isGoneLeftOut))
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

  async #untilCommitted(read: () => readonly O[], isGoneLeftOut: boolean): Promise<boolean> {
    const { signal } = this.#abort
    const gone = new Map<string, KafkaError>()
    const keyOf = (one: AssignedPartition): string => `${partitionKey(one)} ${one.topicId}`
    let mayBeCommitted = false
    const unanswered = (error: unknown): never => {
      // What is given up while it is under way may be carried out all the same.
      mayBeCommitted ||= signal.aborted || !KafkaError.is(error) || hasUnknownOutcome(error)
      throw error
    }
    const once = async (): Promise<void> => {
      for (;;) {
        signal.throwIfAborted()
        const due = read().filter((offset) => !gone.has(keyOf(offset)))
        if (due.length === 0) return
        const refusals = await orAborted(this.#send(due), signal).catch(unanswered)
        mayBeCommitted ||= [...refusals.values()].some(hasUnknownOutcome)
        for (const [offset, error] of refusals) if (isUnknownTopic(error)) gone.set(keyOf(offset), error)
        const worst = [...refusals.values()].filter((error) => !isUnknownTopic(error)).sort(gravestFirst)[0]
        if (worst) throw worst
      }
    }
    const next = (error: unknown, attempt: number): number | Promise<void> | undefined => this.#next(error, attempt)
    try {
      await retrying(once, { clock: this.#parts.settings.runtime.clock, signal, next })
      for (const error of gone.values()) if (!isGoneLeftOut) throw error
      return mayBeCommitted
    } catch (error) {
      throw errorOfAttempts(error, mayBeCommitted)
    }
  }

  /** @returns what is waited for before another attempt, where that may help */
  #next(error: unknown, attempt: number): number | Promise<void> | undefined {
    const { signal } = this.#abort
    if (signal.aborted || attempt === commitAttempts || !KafkaError.is(error)) return undefined
    // The epoch has moved on and the next heartbeat says to what; whatever is still owned is still this member's to
    // commit.
    if (isKafkaError(error, 'STALE_MEMBER_EPOCH')) return orAborted(this.#parts.member.heartbeat(), signal)
    return error.retriable ? this.#backoffMs(attempt, error) : undefined
  }

  /** @returns the partitions that were refused */
  async #send(due: readonly O[]): Promise<Map<O, KafkaError>> {
    const { transport, settings, member } = this.#parts
    const { group: groupId = '', instanceId: groupInstanceId } = settings
    const commit = { groupId, ...member.identity, groupInstanceId, offsets: due }
    const answers = await commitOffsets(transport, commit, { signal: this.#abort.signal })
    const refusals = new Map<O, KafkaError>()
    due.forEach((offset, index) => {
      const refusal = answers[index]
      if (refusal) refusals.set(offset, refusal)
    })
    this.#parts.onCommitted(due.filter((offset) => !refusals.has(offset)))
    return refusals
  }
}

/** What asking again does not help with comes before what it may help with. */
function gravestFirst(one: KafkaError, other: KafkaError): number {
  const rank = (error: KafkaError): number => (isKafkaError(error, 'STALE_MEMBER_EPOCH') ? 1 : error.retriable ? 2 : 0)
  return rank(one) - rank(other)
}
