import { isKafkaError, KafkaError, MemberFencedError, type Transport } from '@kafkado/core'
import {
  backoffOf,
  isUnknownTopic,
  type OffsetAnswer,
  offsetsAt,
  orAborted,
  patienceOfRequests,
  retrying,
  sleep,
} from '@kafkado/core/internal'
import type { AutomaticCommits } from '../commit/automatic-commits.ts'
import { fetchCommitted } from '../commit/committed-offsets.ts'
import type { ConsumerSettings, StartOffset } from '../settings/consumer-config.ts'
import type { Membership } from '../group/membership.ts'
import type { MissingTopics } from '../group/missing-topics.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'

interface FinderParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly membership: Membership
  readonly automatic: AutomaticCommits<V, K>
  readonly missingTopics: MissingTopics
  readonly arrivals: Arrivals
  readonly stopping: AbortSignal
}

/**
 * Finds the positions of owned partitions: the group's committed offset, or else the one that the configuration asks
 * for. A partition whose topic is deleted or whose leader is away does not delay the others.
 */
export class PositionFinder<V, K> {
  readonly #parts: FinderParts<V, K>
  readonly #backoffMs: (attempt: number, error: unknown) => number
  #isFinding = false
  /** Callers who wait for the answers about all partitions wanted so far. */
  readonly #waiting: (() => void)[] = []

  constructor(parts: FinderParts<V, K>) {
    this.#parts = parts
    this.#backoffMs = backoffOf(patienceOfRequests, parts.settings.runtime)
  }

  /**
   * Begins to look up positions that are missing, unless it is running. Resolves when every such partition was
   * answered. A refused partition is retried in the background, as that may take for ever.
   */
  find(): Promise<void> {
    if (this.#wanting().length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#begin()
    })
  }

  #begin(): void {
    if (this.#isFinding || this.#wanting().length === 0) return
    this.#isFinding = true
    const { tenure } = this.#parts.owned
    this.#untilAllAreFound(tenure).then(
      () => {
        this.#isFinding = false
        // A partition may have been assigned after the last look.
        if (!this.#parts.stopping.aborted) this.#begin()
      },
      (error: unknown) => {
        this.#isFinding = false
        this.#wake()
        if (!tenure.aborted) this.#parts.arrivals.fail(error)
        else if (!this.#parts.stopping.aborted) this.#begin()
      },
    )
  }

  #wanting(): PartitionState<V, K>[] {
    return this.#parts.owned.states.filter(({ isBegun, error }) => !isBegun && !error)
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async #untilAllAreFound(tenure: AbortSignal): Promise<void> {
    const { clock } = this.#parts.settings.runtime
    const next = (error: unknown, attempt: number): number | Promise<unknown> => this.#waitAfter(error, attempt, tenure)
    await retrying(() => this.#attempt(tenure), { clock, signal: tenure, next })
    if (this.#wanting().length === 0) this.#wake()
  }

  /** @throws KafkaError the error of a partition that is worth another attempt, or of the whole request */
  async #attempt(tenure: AbortSignal): Promise<void> {
    const wanting = this.#wanting()
    const waiting = this.#waiting.length
    if (wanting.length === 0) return
    const problems = await orAborted(this.#ask(wanting, tenure), tenure)
    for (const resolve of this.#waiting.splice(0, waiting)) resolve()
    const problem = problems.at(-1)
    if (problem) throw problem
  }

  #waitAfter(error: unknown, attempt: number, tenure: AbortSignal): number | Promise<unknown> {
    if (tenure.aborted || !KafkaError.is(error)) throw error
    const pauseMs = this.#backoffMs(attempt, error)
    // The next heartbeat tells the new epoch, or that the membership is lost.
    if (isFormerMember(error)) return this.#afterHeartbeat(pauseMs, tenure)
    if (!error.retriable) throw error
    return pauseMs
  }

  async #afterHeartbeat(pauseMs: number, tenure: AbortSignal): Promise<void> {
    await orAborted(this.#parts.membership.heartbeat(), tenure)
    await sleep(this.#parts.settings.runtime.clock, pauseMs, tenure)
  }

  async #ask(wanting: readonly PartitionState<V, K>[], tenure: AbortSignal): Promise<KafkaError[]> {
    const { transport, settings, owned, membership } = this.#parts
    const member = membership.identity
    const committed = await fetchCommitted({ transport, settings, member, partitions: wanting, signal: tenure })
    const problems: KafkaError[] = []
    const found: PartitionState<V, K>[] = []
    const without = new Map<StartOffset, PartitionState<V, K>[]>()
    const begin = (state: PartitionState<V, K>, answer: OffsetAnswer | undefined): void => {
      // Meanwhile the partition may have been lost, or somebody has moved it.
      if (!owned.owns(state)) return
      const problem = answer && 'error' in answer ? this.#refused(state, answer.error) : undefined
      if (problem) problems.push(problem)
      else if (answer && 'offset' in answer && answer.offset !== undefined) {
        if (state.position === undefined) state.begin(answer.offset)
        state.isBegun = true
        found.push(state)
      }
    }
    wanting.forEach((state, index) => {
      const answer = committed[index] as OffsetAnswer
      if ('offset' in answer) state.groupOffset = answer.offset
      if ('error' in answer || state.position !== undefined)
        begin(state, 'error' in answer ? answer : { offset: state.position })
      else if (answer.offset !== undefined && state.followsCommit) {
        state.committed = answer.offset
        state.isFoundAgain = true
        begin(state, answer)
      } else {
        const { offset } = settings
        const start = state.startsAt ?? offset
        state.isFoundAgain = start === 'earliest' && offset === 'earliest'
        const alike = without.get(start)
        if (alike) alike.push(state)
        else without.set(start, [state])
      }
    })
    for (const [start, states] of without) {
      const query = { partitions: states, position: start, isolationLevel: settings.isolation }
      const starts = await offsetsAt(transport, query, { signal: tenure })
      states.forEach((state, index) => begin(state, starts[index]))
    }
    this.#found(found)
    return problems
  }

  /** These partitions have a position and can be fetched; others may have an error to report. */
  #found(states: readonly PartitionState<V, K>[]): void {
    const { settings, automatic, owned } = this.#parts
    // Commit the position at once if a restart would find another one: at the end, or by a time.
    if (settings.offset !== 'earliest') void automatic.commit(states)
    owned.changed()
  }

  /** @returns the error when a retry may help */
  #refused(state: PartitionState<V, K>, error: KafkaError): KafkaError | undefined {
    if (isUnknownTopic(error)) this.#parts.missingTopics.miss(state.topic)
    else if (!error.retriable) {
      state.error = error
      return undefined
    }
    return error
  }
}

function isFormerMember(error: KafkaError): boolean {
  return isKafkaError(error, 'STALE_MEMBER_EPOCH') || MemberFencedError.is(error)
}
