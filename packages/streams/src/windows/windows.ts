import { type Duration, InvalidRequestError } from '@kafkado/core'
import { anyField, type ConfigFields, parseConfig, toMilliseconds } from '@kafkado/core/internal'

/** When the results of windows are handed on: after each record, or once, when the window is closed. */
export type Emission = 'updates' | 'final'

export interface WindowOptions {
  /**
   * How long after the end of a window, in stream time, late records are still taken. Default 1 day where results are
   * handed on as updates, and 0 where they are final, as these wait for it. Kafka: the grace period of TimeWindows.
   */
  grace?: Duration | undefined
  /**
   * `'updates'` (default): a result after each record; `'final'`: one for each window, when it is closed. Kafka:
   * EmitStrategy.
   */
  emit?: Emission | undefined
  /**
   * How long after its end a window stays in the store, for queries. Default the grace. Kafka:
   * Materialized.withRetention.
   */
  retention?: Duration | undefined
}

// What they may be, `base` says.
const windowOptions: ConfigFields<WindowOptions> = { grace: anyField(), emit: anyField(), retention: anyField() }

interface WindowBase {
  readonly graceMs: number
  readonly emit: Emission
  readonly retentionMs: number
}

export interface TimeWindow extends WindowBase {
  readonly type: 'tumbling' | 'hopping'
  readonly sizeMs: number
  readonly advanceMs: number
}

export interface UnlimitedWindow extends WindowBase {
  readonly type: 'unlimited'
  readonly startMs: number
}

export interface SlidingWindow extends WindowBase {
  readonly type: 'sliding'
  readonly differenceMs: number
}

export interface SessionWindow extends WindowBase {
  readonly type: 'session'
  readonly gapMs: number
}

export type Window = TimeWindow | UnlimitedWindow | SlidingWindow | SessionWindow

const defaultGraceMs = 86_400_000

/** Windows of one size, one after the other, aligned to the epoch. Kafka: TimeWindows.ofSizeAndGrace. */
export function tumblingWindow(size: Duration, options: WindowOptions = {}): TimeWindow {
  const sizeMs = positive(size, 'size')
  return { type: 'tumbling', sizeMs, advanceMs: sizeMs, ...base('tumblingWindow', options) }
}

/**
 * Windows of one size that begin every `advance`, so that a record may lie in several. Kafka: TimeWindows.advanceBy.
 */
export function hoppingWindow(size: Duration, advance: Duration, options: WindowOptions = {}): TimeWindow {
  const [sizeMs, advanceMs] = [positive(size, 'size'), positive(advance, 'advance')]
  if (advanceMs > sizeMs)
    throw new InvalidRequestError(
      `a hopping window of ${sizeMs} ms cannot advance by ${advanceMs} ms: records in between would lie in no window`,
    )
  return { type: 'hopping', sizeMs, advanceMs, ...base('hoppingWindow', options) }
}

/**
 * For each record, a window of those at most `difference` before it, and of those at most that after. Kafka:
 * SlidingWindows.
 */
export function slidingWindow(difference: Duration, options: WindowOptions = {}): SlidingWindow {
  return { type: 'sliding', differenceMs: toMilliseconds(difference, 'difference'), ...base('slidingWindow', options) }
}

/** Windows that last as long as no more than `gap` lies between two records. Kafka: SessionWindows. */
export function sessionWindow(gap: Duration, options: WindowOptions = {}): SessionWindow {
  return { type: 'session', gapMs: positive(gap, 'gap'), ...base('sessionWindow', options) }
}

/** One window without an end, of all records from a time on. Kafka: UnlimitedWindows. */
export function unlimitedWindow(start: Date | number = 0): UnlimitedWindow {
  return { type: 'unlimited', startMs: Number(start), graceMs: 0, emit: 'updates', retentionMs: Infinity }
}

/** A short name of what makes two windows differ, for the names of their stores. */
export function windowName(window: Window): string {
  switch (window.type) {
    case 'tumbling':
      return `tumbling-${durationName(window.sizeMs)}`
    case 'hopping':
      return `hopping-${durationName(window.sizeMs)}-${durationName(window.advanceMs)}`
    case 'sliding':
      return `sliding-${durationName(window.differenceMs)}`
    case 'session':
      return `session-${durationName(window.gapMs)}`
    case 'unlimited':
      return 'unlimited'
  }
}

/** In the largest unit that has no rest, so that it is the same however it was given. */
function durationName(milliseconds: number): string {
  const [unit, lengthMs] =
    units.find(([, length]) => milliseconds % length === 0 && milliseconds > 0) ?? (['ms', 1] as const)
  return `${milliseconds / lengthMs}${unit}`
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

function base(operator: string, options: WindowOptions): WindowBase {
  const { grace, emit = 'updates', retention } = parseConfig(operator, windowOptions, options)
  if (emit !== 'updates' && emit !== 'final')
    throw new InvalidRequestError(`emit must be 'updates' or 'final', got ${JSON.stringify(emit)}`)
  const graceMs = grace === undefined ? (emit === 'final' ? 0 : defaultGraceMs) : toMilliseconds(grace, 'grace')
  const retentionMs = retention === undefined ? graceMs : toMilliseconds(retention, 'retention')
  if (retentionMs < graceMs)
    throw new InvalidRequestError(`a retention of ${retentionMs} ms is shorter than the grace of ${graceMs} ms`)
  return { graceMs, emit, retentionMs }
}

function positive(duration: Duration, option: string): number {
  const milliseconds = toMilliseconds(duration, option)
  if (Number.isSafeInteger(milliseconds) && milliseconds > 0) return milliseconds
  throw new InvalidRequestError(
    `${option} is ${JSON.stringify(duration)}: it must be a whole number of milliseconds above 0`,
  )
}
