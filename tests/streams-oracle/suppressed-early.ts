import type { CaseWindow } from './case.ts'
import {
  type Disagreement,
  hasTimesApart,
  timesBehind,
  windowOf,
  windowOfResult,
  without,
  withoutStep,
} from './results.ts'

/**
 * Whether Kafka Streams tells windows of a type before the last record that may count in them, and those that one does
 * count in once more: `untilWindowCloses` closes sliding windows and sessions a moment before they are closed. All that
 * ours tells, it tells as well.
 */
export function areSuppressedEarly(type: CaseWindow['type'], disagreement: Disagreement): boolean {
  const { writers, ours, theirs } = disagreement
  return (
    writers.some(({ op }) => op === 'untilWindowCloses') &&
    writers.map(windowOf).some((one) => one?.type === type && closeWithRecords(one, disagreement)) &&
    without(ours, theirs, withoutStep).length === 0
  )
}

/**
 * Whether all windows that Kafka Streams tells otherwise close at the very time of a record, which still counts in
 * them.
 */
function closeWithRecords(window: CaseWindow, { writers, inputs, ours, theirs }: Disagreement): boolean {
  const { type, size, grace } = window
  const list = timesBehind(writers, inputs)
  const times = new Set(list)
  const open = type === 'session' ? size + grace : grace
  return without(theirs, ours).every((one) => {
    const result = windowOfResult(one)
    // What is held has the time of the clock, so a record of the window itself may be it.
    if (result) return times.has(result.end + open) || one.ts === result.end + open
    // Where its key has no window any more, one that begins or ends with a record.
    return hasTimesApart(list, type === 'session' ? [open] : [open, size + open, size + 1 + open])
  })
}
