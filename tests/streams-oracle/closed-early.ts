import type { CaseOutput, CaseWindow } from './case.ts'
import { type Disagreement, hasTimesApart, latestAt, timesBehind, windowOfResult, without } from './results.ts'
import { windowOf } from './sliding-windows.ts'

/**
 * Whether only sessions differ that close in the very moment of a record, and what follows from them: sessions of the
 * same key that would have absorbed them, and whatever is made of either without its window.
 */
export function areClosedEarly(disagreement: Disagreement): boolean {
  const { writers, ours, theirs } = disagreement
  const [onlyOurs, onlyTheirs] = [without(ours, theirs), without(theirs, ours)]
  return writers.map(windowOf).some((session) => {
    if (session?.type !== 'session') return false
    const causes = [
      ...[...onlyOurs, ...onlyTheirs].filter((one) => closes(session, disagreement, one)),
      ...onlyTheirs.filter((one) => hasMissed(session, disagreement, one)),
    ]
    const differing = [...onlyOurs, ...onlyTheirs].toSorted((one, other) => one.step - other.step)
    for (const one of differing)
      if (!causes.includes(one) && causes.some((cause) => follows(session, cause, one))) causes.push(one)
    return differing.every((one) => causes.includes(one))
  })
}

/** The end of sessions that close in this very moment, if there is a record of it. */
function closingAt({ size, grace }: CaseWindow, { writers, inputs }: Disagreement, step: number): number | undefined {
  const end = latestAt(inputs, step) - size - grace
  return timesBehind(writers, inputs).includes(end) ? end : undefined
}

function closes(session: CaseWindow, disagreement: Disagreement, one: CaseOutput): boolean {
  const { writers, inputs } = disagreement
  const { size, grace } = session
  const times = timesBehind(writers, inputs.slice(0, one.step + 1))
  const window = windowOfResult(one)
  if (!window) return hasTimesApart(times, [size + grace])
  // It may have absorbed one that closed in that moment.
  const closing = closingAt(session, disagreement, one.step)
  const hasAbsorbed = closing !== undefined && window.start <= closing && closing < window.end
  return hasAbsorbed || times.includes(window.end + size + grace)
}

function hasMissed(session: CaseWindow, disagreement: Disagreement, one: CaseOutput): boolean {
  const [window, closing] = [windowOfResult(one), closingAt(session, disagreement, one.step)]
  return (
    window !== undefined && closing !== undefined && closing < window.start && window.start <= closing + session.size
  )
}

/** Whether a result is of a session of the same key, so near that one may have absorbed the other. */
function follows({ size }: CaseWindow, cause: CaseOutput, one: CaseOutput): boolean {
  if (one.step < cause.step) return false
  const [before, window] = [windowOfResult(cause), windowOfResult(one)]
  if (!before || !window) return true
  return before.key === window.key && window.start <= before.end + size && before.start <= window.end + size
}
