import type { Timer } from '@kafkado/core'
import { partitionKey } from '@kafkado/core/internal'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { ConsumerEventTarget, Stall, StallReason } from '../settings/consumer-events.ts'
import type { Membership } from '../group/membership.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { OwnedPartitions } from '../partition/owned-partitions.ts'
import type { PartitionState } from '../partition/partition-state.ts'

/** How often it looks within one `stallTimeout`. */
const looksPerTimeout = 4

/** The first look at the topics, which comes before everything else. */
export interface FirstLook {
  isUnderWay: boolean
  /** Why the server has not told of them yet. */
  problem: unknown
}

interface WatchdogParts<V, K> {
  readonly settings: ConsumerSettings
  readonly owned: OwnedPartitions<V, K>
  readonly membership: Membership
  readonly arrivals: Arrivals
  readonly firstLook: FirstLook
  readonly events: ConsumerEventTarget
}

/** The last observed state of something that should progress, and since when it has not changed. */
interface Watched {
  mark: string
  sinceMs: number
  isTold: boolean
}

/**
 * Notices missing progress by looking at intervals, so it costs nothing while records flow. A partition that is paused
 * or has no records does not stall.
 */
export class ProgressWatchdog<V, K> {
  readonly #parts: WatchdogParts<V, K>
  readonly #watched = new Map<string, Watched>()
  #timer: Timer | undefined
  #dueMs = 0

  constructor(parts: WatchdogParts<V, K>) {
    this.#parts = parts
  }

  start(): void {
    const { runtime, stallTimeoutMs } = this.#parts.settings
    const intervalMs = Math.max(Math.ceil(stallTimeoutMs / looksPerTimeout), 1)
    this.#dueMs = runtime.clock.monotonic() + intervalMs
    this.#timer = runtime.clock.schedule(
      intervalMs,
      () => {
        this.#look()
        this.start()
      },
      'background',
    )
  }

  stop(): void {
    this.#timer?.cancel()
    this.#watched.clear()
  }

  /** Everything that has not progressed for too long. */
  stalls(): Stall[] {
    const nowMs = this.#parts.settings.runtime.clock.monotonic()
    const found: Stall[] = []
    const seen = new Set<string>()
    const watch = (reason: StallReason, mark: string, about: Partial<Stall> = {}): void => {
      const key = keyOf({ reason, ...about })
      seen.add(key)
      const known = this.#watched.get(key)
      if (known?.mark !== mark) this.#watched.set(key, { mark, sinceMs: nowMs, isTold: false })
      else if (nowMs - known.sinceMs >= this.#parts.settings.stallTimeoutMs)
        found.push({ reason, durationMs: nowMs - known.sinceMs, ...about })
    }
    for (const state of this.#parts.owned.states) this.#watchPartition(state, watch)
    this.#watchServer(watch)
    for (const key of this.#watched.keys()) if (!seen.has(key)) this.#watched.delete(key)
    return found
  }

  #watchServer(watch: (reason: StallReason, mark: string, about: Partial<Stall>) => void): void {
    const { firstLook, membership } = this.#parts
    const { lastAnswerMs, lookUps, problem } = membership
    if (firstLook.isUnderWay) watch('metadata', 'first', withError(firstLook.problem))
    else if (lookUps !== undefined) watch('metadata', String(lookUps), withError(problem))
    if (lastAnswerMs !== undefined) watch('heartbeat', String(lastAnswerMs), withError(problem))
  }

  #watchPartition(
    { topic, partition, position, tracker, isPaused, isHeld, buffered, fetches }: PartitionState<V, K>,
    watch: (reason: StallReason, mark: string, about: Partial<Stall>) => void,
  ): void {
    const mark = `${position} ${tracker.finished}`
    const { lowestUnfinished } = tracker
    if (isHeld && position !== undefined) watch('listener', mark, { topic, partition })
    else if (lowestUnfinished !== undefined) watch('handler', mark, { topic, partition, offset: lowestUnfinished })
    else if (!isPaused && buffered > 0 && position !== undefined && !this.#parts.arrivals.isAwaited)
      watch('reader', mark, { topic, partition, offset: position })
    else if (!isPaused && buffered === 0 && position !== undefined)
      watch('fetch', `${mark} ${fetches}`, { topic, partition, offset: position })
    // The server does not tell where to begin.
    else if (position === undefined) watch('fetch', mark, { topic, partition })
  }

  #look(): void {
    const { runtime, stallTimeoutMs } = this.#parts.settings
    const lateMs = runtime.clock.monotonic() - this.#dueMs
    // Nothing could progress while the whole process was blocked, so report nothing else.
    if (lateMs >= stallTimeoutMs / 2) {
      this.#parts.events.emit('stalled', { reason: 'event-loop', durationMs: lateMs })
      this.#watched.clear()
      return
    }
    for (const stall of this.stalls()) {
      const known = this.#watched.get(keyOf(stall))
      if (!known || known.isTold) continue
      known.isTold = true
      this.#parts.events.emit('stalled', stall)
    }
  }
}

function withError(error: unknown): Pick<Stall, 'error'> {
  return error === undefined ? {} : { error }
}

function keyOf({ reason, topic, partition }: Pick<Stall, 'reason' | 'topic' | 'partition'>): string {
  return topic === undefined || partition === undefined ? reason : `${reason} ${partitionKey({ topic, partition })}`
}
