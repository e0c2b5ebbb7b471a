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
  /** The member that commits, as of now; a heartbeat learns its current epoch. */
  readonly member: Pick<Membership, 'identity' | 'heartbeat'>
  /** The group has stored these offsets. */
  onCommitted(offsets: readonly O[]): void
}

/** Commits offsets one request at a time, so that an earlier commit never overtakes a later one. */
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
   * @param read computes the offsets to commit, again for each attempt: none once they are committed or no longer owned
   * @param isGoneLeftOut whether to leave out deleted topics silently
   * @returns whether an attempt stayed unanswered: the group may then have stored offsets that no answer confirmed
   * @throws MemberFencedError when the group continued without this member, so others read these records again;
   *   TopicNotFoundError for partitions of deleted topics, after the others were committed
   */
  commit(read: () => readonly O[], isGoneLeftOut = false): Promise<boolean> {
    const done = this.#last.then(() => this.#untilCommitted(read, isGoneLeftOut))
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Sends these at once, as the page goes away: without another attempt, and without waiting for anything. */
  sendAway(due: readonly O[]): void {
    this.#send(due, true).catch(() => undefined)
  }

  /** Resolves when all commits so far have succeeded or failed. */
  async idle(): Promise<void> {
    await this.#last
  }

  /** Gives up running and waiting commits. */
  end(reason: Error): void {
    this.#abort.abort(reason)
  }

  async #untilCommitted(read: () => readonly O[], isGoneLeftOut: boolean): Promise<boolean> {
    const { signal } = this.#abort
    const gone = new Map<string, KafkaError>()
    const keyOf = (one: AssignedPartition): string => `${partitionKey(one)} ${one.topicId}`
    let mayBeCommitted = false
    const unanswered = (error: unknown): never => {
      // A commit that is given up on the way may still be carried out.
      mayBeCommitted ||= signal.aborted || !KafkaError.is(error) || hasUnknownOutcome(error)
      throw error
    }
    const once = async (): Promise<void> => {
      for (;;) {
        const due = read().filter((offset) => !gone.has(keyOf(offset)))
        // It may be given up in the same turn in which the answer comes: what was committed has not failed.
        if (due.length === 0) return
        signal.throwIfAborted()
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

  /** @returns what to wait for before the next attempt, if another one may help */
  #next(error: unknown, attempt: number): number | Promise<void> | undefined {
    const { signal } = this.#abort
    if (signal.aborted || attempt === commitAttempts || !KafkaError.is(error)) return undefined
    // The member's epoch has changed, and the next heartbeat tells it. The member may still commit the partitions that
    // it owns.
    if (isKafkaError(error, 'STALE_MEMBER_EPOCH')) return orAborted(this.#parts.member.heartbeat(), signal)
    return error.retriable ? this.#backoffMs(attempt, error) : undefined
  }

  /** @returns the refused partitions */
  async #send(due: readonly O[], keepalive = false): Promise<Map<O, KafkaError>> {
    const { transport, settings, member } = this.#parts
    const { group: groupId = '', instanceId: groupInstanceId } = settings
    const commit = { groupId, ...member.identity, groupInstanceId, offsets: due }
    const answers = await commitOffsets(transport, commit, { signal: this.#abort.signal, keepalive })
    const refusals = new Map<O, KafkaError>()
    due.forEach((offset, index) => {
      const refusal = answers[index]
      if (refusal) refusals.set(offset, refusal)
    })
    this.#parts.onCommitted(due.filter((offset) => !refusals.has(offset)))
    return refusals
  }
}

/** Errors that a retry cannot cure come before those that it may cure. */
function gravestFirst(one: KafkaError, other: KafkaError): number {
  const rank = (error: KafkaError): number => (isKafkaError(error, 'STALE_MEMBER_EPOCH') ? 1 : error.retriable ? 2 : 0)
  return rank(one) - rank(other)
}
