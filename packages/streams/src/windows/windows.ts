import { type Duration, InvalidRequestError } from '@kafkado/core'
import { anyField, type ConfigFields, parseConfig, toMilliseconds } from '@kafkado/core/internal'

/** When the results of windows are forwarded: after each record, or once when the window closes. */
export type Emission = 'updates' | 'final'

export interface WindowOptions {
  /**
   * How long after the end of a window, in stream time, late records are still accepted. Default 1 day with `emit:
   * 'updates'`, and 0 with `'final'`, because final results wait for it. Raise it for records that arrive later; stores
   * grow with it. Lower it to forget windows sooner. Kafka: the grace period of TimeWindows.
   */
  grace?: Duration | undefined
  /**
   * `'updates'` (default): a result after each record. `'final'`: one result for each window when it closes. Choose
   * `'final'` when readers cannot correct an earlier result, such as for mails and invoices, and set `grace` to what
   * late records need. Kafka: EmitStrategy.
   */
  emit?: Emission | undefined
  /**
   * How long after its end a window stays in the store, for queries. Default: the grace. Raise it to query older
   * windows; the store grows with it. Kafka: Materialized.withRetention.
   */
  retention?: Duration | undefined
}

// `base` checks their values.
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

/** Windows of the same size, one after the other, aligned to the epoch. Kafka: TimeWindows.ofSizeAndGrace. */
export function tumblingWindow(size: Duration, options: WindowOptions = {}): TimeWindow {
  const sizeMs = positive(size, 'size')
  return { type: 'tumbling', sizeMs, advanceMs: sizeMs, ...base('tumblingWindow', options) }
}

/** Windows of the same size, one every `advance`, so that a record may lie in several. Kafka: TimeWindows.advanceBy. */
export function hoppingWindow(size: Duration, advance: Duration, options: WindowOptions = {}): TimeWindow {
  const [sizeMs, advanceMs] = [positive(size, 'size'), positive(advance, 'advance')]
  if (advanceMs > sizeMs)
    throw new InvalidRequestError(
      `a hopping window of ${sizeMs} ms cannot advance by ${advanceMs} ms: records in between would lie in no window`,
    )
  return { type: 'hopping', sizeMs, advanceMs, ...base('hoppingWindow', options) }
}

/**
 * For each record, one window of the records up to `difference` before it, and one of those up to `difference` after
 * it. Kafka: SlidingWindows.
 */
export function slidingWindow(difference: Duration, options: WindowOptions = {}): SlidingWindow {
  return { type: 'sliding', differenceMs: toMilliseconds(difference, 'difference'), ...base('slidingWindow', options) }
}

/** Windows that last while the records come no more than `gap` apart. Kafka: SessionWindows. */
export function sessionWindow(gap: Duration, options: WindowOptions = {}): SessionWindow {
  return { type: 'session', gapMs: positive(gap, 'gap'), ...base('sessionWindow', options) }
}

/** One window without an end, for all records from a time on. Kafka: UnlimitedWindows. */
export function unlimitedWindow(start: Date | number = 0): UnlimitedWindow {
  return { type: 'unlimited', startMs: Number(start), graceMs: 0, emit: 'updates', retentionMs: Infinity }
}

/** A short name that differs for different windows, for the names of their stores. */
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

/** In the largest unit without a remainder, so that equal durations get the same name. */
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
