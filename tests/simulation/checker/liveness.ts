import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'
import { nameOf } from './transactions.ts'

/** A few turns of timers that are due at the limit itself. */
const closeSlackMs = 100

export const lateClose: Anomaly = {
  kind: 'late-close',
  meaning: 'a client that was closed took longer than its closeTimeout, so that a service is killed instead of ending',
  *find(facts) {
    const closed = Map.groupBy(facts.of('closed'), keyOf)
    const last = facts.events.at(-1)
    for (const close of facts.of('close')) {
      const end = closed.get(keyOf(close))?.find(({ sequence }) => sequence > close.sequence)
      const until = end ?? facts.killed.get(close.process) ?? last
      if (!until) continue
      const tookMs = until.atMs - close.atMs - stalledMs(facts, close, until)
      if (tookMs <= close.closeTimeoutMs + closeSlackMs) continue
      const what = end ? `took ${tookMs} ms to close` : `has not closed after ${tookMs} ms`
      yield finding(`${close.what} of ${close.process} ${what}, and has ${close.closeTimeoutMs} ms`, close, end)
    }
  },
}

function keyOf({ process, what }: { readonly process: string; readonly what: string }): string {
  return `${process} ${what}`
}

/** Nothing can end while the event loop of its process stands still. */
export function stalledMs(facts: Facts, { process, sequence }: HistoryEvent, until: HistoryEvent): number {
  let stalled = 0
  for (const stall of facts.of('stalled'))
    if (stall.process === process && stall.sequence < until.sequence) {
      const begun = facts.events[sequence]?.atMs ?? 0
      stalled += Math.max(0, Math.min(stall.atMs + stall.forMs, until.atMs) - Math.max(stall.atMs, begun))
    }
  return stalled
}

export const standingStill: Anomaly = {
  kind: 'standing-still',
  meaning: 'everything was well again for long, and something that a living process began has not come to an end',
  *find(facts) {
    const { end, killed } = facts
    if (!end) return
    const isOwed = (event: HistoryEvent | undefined): event is HistoryEvent =>
      event !== undefined && event.sequence < end.sequence && !killed.has(event.process)
    for (const { send, sent } of facts.sends.values())
      if (!sent && isOwed(send)) yield finding(`the send of "${send.value}" was never settled`, send, end)
    for (const fact of facts.transactions.all.values())
      if (!fact.ended && isOwed(fact.begun)) yield finding(`${nameOf(fact)} never ended`, fact.begun, fact.ending, end)
    for (const began of unfinished(facts))
      if (isOwed(began)) yield finding(`${began.what} of ${began.process} never finished`, began, end)
  },
}

function unfinished(facts: Facts): readonly EventOf<'began'>[] {
  const finished = new Map<string, number>()
  for (const event of facts.of('finished')) finished.set(keyOf(event), (finished.get(keyOf(event)) ?? 0) + 1)
  return facts.of('began').filter((began) => {
    const left = finished.get(keyOf(began)) ?? 0
    finished.set(keyOf(began), left - 1)
    return left <= 0
  })
}

export const unhandledRejection: Anomaly = {
  kind: 'unhandled-rejection',
  meaning: 'a promise was rejected that nobody handles, which ends a process of Node',
  *find(facts) {
    for (const event of facts.of('unhandled-rejection')) yield finding(`nobody handled ${event.error}`, event)
  },
}
