import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts } from './facts.ts'
import type { Log } from './topics.ts'

const marks = ['logStartOffset', 'lastStableOffset', 'highWatermark'] as const
const names = {
  logStartOffset: 'log start offset',
  lastStableOffset: 'last stable offset',
  highWatermark: 'high watermark',
}

export const watermarkBack: Anomaly = {
  kind: 'watermark-back',
  meaning:
    'a high watermark, last stable offset or log start offset went back, or lies beyond the one that it may not pass',
  *find(facts) {
    const seen = new Map<Log, Tides>()
    for (const event of facts.events) {
      if (event.type !== 'watermarks' && event.type !== 'final-log') continue
      const log = `${event.topicId}/${event.partition}`
      let tides = seen.get(log)
      if (!tides) seen.set(log, (tides = new Tides()))
      yield* tides.add(event, facts.topics.nameOf(log))
    }
  },
}

interface Rise {
  readonly value: number
  readonly event: HistoryEvent
}

/** Each value that was higher than all before it. */
class Rises {
  readonly group: string | undefined
  readonly #rises: Rise[] = []

  /** @param group whose they are, where a group has them */
  constructor(group?: string) {
    this.group = group
  }

  /**
   * The highest that was told when a request came: its answer may not take that back. Of two requests that were under
   * way together either may be answered first.
   */
  before(since: number): Rise | undefined {
    return this.#rises.findLast(({ event }) => event.sequence < since)
  }

  add(value: number, event: HistoryEvent): void {
    if (value > (this.#rises.at(-1)?.value ?? -1)) this.#rises.push({ value, event })
  }
}

/** How many events there were when what was answered was asked for. */
function askedAt(event: HistoryEvent): number {
  return ('since' in event ? event.since : undefined) ?? event.sequence
}

/** What was seen of the three marks of one log. */
class Tides {
  readonly #highest = new Map<string, Rises>()

  add(event: EventOf<'watermarks' | 'final-log'>, name: string): readonly Finding[] {
    const found: Finding[] = []
    for (const mark of marks) {
      const value = event[mark]
      if (value === undefined || value < 0) continue
      const rises = this.#risesOf(mark)
      const before = rises.before(askedAt(event))
      if (before && before.value > value)
        found.push(
          finding(`the ${names[mark]} of ${name} went from ${before.value} back to ${value}`, before.event, event),
        )
      rises.add(value, event)
    }
    const { logStartOffset = -1, lastStableOffset = -1, highWatermark } = event
    if (highWatermark === undefined) return found
    for (const [mark, value] of [
      ['last stable offset', lastStableOffset],
      ['log start offset', logStartOffset],
    ] as const)
      if (value > highWatermark)
        found.push(finding(`the ${mark} of ${name} is ${value}, and its high watermark ${highWatermark}`, event))
    return found
  }

  #risesOf(mark: string): Rises {
    let rises = this.#highest.get(mark)
    if (!rises) this.#highest.set(mark, (rises = new Rises()))
    return rises
  }
}

export const epochBack: Anomaly = {
  kind: 'epoch-back',
  meaning:
    'the epoch of a group, a member or a producer went back, so that somebody who was fenced off is let in again',
  *find(facts) {
    const seen = new Map<string, Rises>()
    /** How many events there were when each group may have been forgotten: what was asked before tells nothing. */
    const forgotten = new Map<string, number>()
    for (const event of facts.events) {
      for (const { what, epoch, group } of epochsIn(event)) {
        const since = askedAt(event)
        if (group !== undefined && since < (forgotten.get(group) ?? 0)) continue
        let rises = seen.get(what)
        if (!rises) seen.set(what, (rises = new Rises(group)))
        const before = rises.before(since)
        if (before && before.value > epoch)
          yield finding(`the epoch of ${what} went from ${before.value} back to ${epoch}`, before.event, event)
        rises.add(epoch, event)
      }
      if (!mayForget(event)) continue
      forgotten.set(event.group, event.sequence + 1)
      for (const [what, { group }] of seen) if (group === event.group) seen.delete(what)
    }
  },
}

/**
 * A group without members may be forgotten, also by an administrator, and begins anew. With members it is refused to
 * them.
 */
function mayForget(event: HistoryEvent): event is EventOf<'group-seen' | 'group-deleted'> {
  return event.type === 'group-deleted' || (event.type === 'group-seen' && event.members.length === 0)
}

interface Epoch {
  /** Whose it is. */
  readonly what: string
  readonly epoch: number
  /** Where it is that of a group or of a member. */
  readonly group?: string | undefined
}

function* epochsIn(event: HistoryEvent): Iterable<Epoch> {
  switch (event.type) {
    case 'heartbeat':
      // Answers to a request that arrives late, after a newer one, say the present epoch too.
      if (event.memberEpoch !== undefined && event.memberEpoch >= 0)
        yield { what: `member ${event.memberId} of ${event.group}`, epoch: event.memberEpoch, group: event.group }
      break
    case 'heartbeat-sent':
      if (event.memberEpoch > 0)
        yield {
          what: `member ${event.memberId} of ${event.group} as it says`,
          epoch: event.memberEpoch,
          group: event.group,
        }
      break
    case 'group-seen':
      yield { what: `group ${event.group}`, epoch: event.groupEpoch, group: event.group }
      break
    case 'producer-id': {
      const { transactionalId, producerId, producerEpoch } = event
      const what = transactionalId === undefined ? '' : ` of ${transactionalId}`
      yield { what: `producer ${producerId}${what}`, epoch: producerEpoch }
      break
    }
    default:
  }
}

/** The last stable offset may stand still while a transaction is open, and no longer. */
export const stuckLastStableOffset: Anomaly = {
  kind: 'stuck-last-stable-offset',
  meaning:
    'long after everything is well again, readers of committed records are still held up at a transaction that ' +
    'nobody ends',
  *find(facts) {
    if (!facts.healed || hasOpenTransaction(facts)) return
    for (const [log, event] of facts.finals.byLog) {
      const { lastStableOffset, highWatermark, records } = event
      if (event.sequence < facts.healed.sequence || lastStableOffset >= highWatermark) continue
      const first = records.find(({ offset }) => offset >= lastStableOffset)
      const send = facts.sends.get(first?.value ?? '')?.send
      const sentence =
        `the last stable offset of ${facts.topics.nameOf(log)} stands at ${lastStableOffset} and its` +
        ` high watermark is ${highWatermark}`
      yield finding(sentence, send, facts.healed, event)
    }
  },
}

/** Somebody living is still in a transaction: that one stands still, which is another matter. */
function hasOpenTransaction({ transactions, killed }: Facts): boolean {
  for (const { begun, ended } of transactions.all.values())
    if (begun && !ended && !killed.has(begun.process)) return true
  return false
}
