import type { TopicPartition } from '@kafkado/consumer'
import { yieldToEventLoop } from '@kafkado/core/internal'
import type { StreamsSettings } from '../settings/streams-settings.ts'
import type { Task } from '../task/task.ts'
import type { Meter } from './metrics/meter.ts'
import { TurnTimes } from './metrics/turn-times.ts'
import type { MemberSession } from './session/member-session.ts'
import { takeTurn } from './turn/aligned-turn.ts'
import type { TurnJobs } from './turn/turn-jobs.ts'

export interface MemberTurnParts {
  readonly settings: Pick<StreamsSettings, 'bufferedRecords' | 'runtime'>
  readonly meter: Meter
  /** The jobs to do before the turn. */
  readonly jobs: TurnJobs
  readonly isPaused: () => boolean
}

/**
 * One turn of a member's loop: runs the jobs, takes the fetched records, lets the tasks process them, and commits when
 * due. Without work it waits.
 *
 * @returns whether records were processed
 */
export async function memberTurn(
  session: MemberSession,
  { settings, meter, jobs, isPaused }: MemberTurnParts,
): Promise<boolean> {
  // When the session is over, the jobs are for the next session: the group may have assigned anew.
  session.throwIfOver()
  for (let job = jobs.next(); job; job = jobs.next()) {
    await session.unlessOver(job)
    session.throwIfOver()
  }
  const { bufferedRecords, runtime } = settings
  const isWanted = (partition: TopicPartition): boolean => {
    const running = session.tasks.readerOf(partition)
    return !isPaused() && running?.isReady === true && running.task.queued(partition.topic) < bufferedRecords
  }
  const arrival = session.awaitArrival()
  session.readiness.beginTurn()
  for (const { topic, partition, records } of session.reader.poll(isWanted)) {
    session.tasks.readerOf({ topic, partition })?.task.add(topic, records)
    session.readiness.onArrival({ topic, partition })
  }
  const ready = isPaused() ? [] : session.tasks.all.filter(({ isReady }) => isReady)
  const nowMs = runtime.clock.monotonic()
  if (ready.some(({ task }) => task.hasWork(nowMs))) await session.unlessOver(session.collector.begin())
  for (const { task } of ready) prepare(session, task, nowMs)
  const times = meter.isWanted('processed') ? new TurnTimes(runtime.clock) : undefined
  const { processed, isHeldBack } = takeTurn(ready, session.readiness, times)
  times?.publish(meter)
  if (processed > 0) session.commits.onProcessed()
  await session.commits.commitIfDue()
  if (processed === 0) {
    const patienceMs = isHeldBack ? session.readiness.patienceMs : Infinity
    await arrival.wait(Math.min(session.nextTimeMs(nowMs, ready), patienceMs))
  } else {
    await session.unlessOver(session.collector.ready())
    await yieldToEventLoop()
  }
  arrival.cancel()
  return processed > 0
}

/**
 * @param nowMs the moment at which it was decided that there is work, and at which the transaction for its results
 *   began
 */
function prepare({ reader, commits }: MemberSession, task: Task, nowMs: number): void {
  task.asynchronous.throwIfFailed()
  if (task.punctuate(nowMs)) commits.onProcessed()
  // Results of an asynchronous operator must be committed, and its progress makes room for more records.
  if (task.asynchronous.isBusy) void task.asynchronous.progress().then(() => reader.wake())
}
