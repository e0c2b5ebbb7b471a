import type { TurnTimes } from '../metrics/turn-times.ts'
import type { Readiness } from './readiness.ts'
import type { RunningTask } from '../../task/running-task.ts'

/** How many records are processed before other work gets its turn. */
const recordsPerTurn = 2000
/** How far apart in time tasks may be. It saves them from alternating with every record. */
const slackMs = 1000

export interface TurnOutcome {
  readonly processed: number
  /** Whether records only wait because earlier ones may be on their way. */
  readonly isHeldBack: boolean
}

/**
 * Lets the tasks of a member process records, in the order of their times across all tasks. Otherwise, when old records
 * are read, a task that is ahead would make the others' records late for readers of the output.
 *
 * @param times measures the time of each task
 */
export function takeTurn(tasks: readonly RunningTask[], readiness: Readiness, times?: TurnTimes): TurnOutcome {
  let left = recordsPerTurn
  const stuck = new Set<RunningTask>()
  let isHeldBack = false
  while (left > 0) {
    let first: RunningTask | undefined
    let [earliest, next] = [Infinity, Infinity]
    for (const running of tasks) {
      const { task } = running
      const time = task.nextTime((topic) => readiness.hasNoMore(task, topic))
      if (time === undefined) {
        if (task.hasQueued) isHeldBack = true
        // Its next record is hardly earlier than its previous ones.
        if (readiness.isAwaited(task)) next = Math.min(next, task.streamTime)
      } else if (stuck.has(running)) next = Math.min(next, time)
      else if (time < earliest) {
        next = Math.min(next, earliest)
        earliest = time
        first = running
      } else next = Math.min(next, time)
    }
    if (!first) break
    if (earliest > next + slackMs) {
      isHeldBack = true
      break
    }
    const { task } = first
    const process = (): number => task.process(left, (topic) => readiness.hasNoMore(task, topic), next + slackMs)
    const count = times ? times.measure(task, process) : process()
    if (count === 0) stuck.add(first)
    left -= count
  }
  return { processed: recordsPerTurn - left, isHeldBack }
}
