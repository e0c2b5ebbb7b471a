import type { HistoryEvent } from '../history/history-event.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import type { Facts, Read } from './facts.ts'
import { firstAfter } from './final-logs.ts'

export const nonMonotonicPoll: Anomaly = {
  kind: 'non-monotonic-poll',
  meaning:
    'a reader was given an older record of a partition after a newer one, or one twice, without a rebalance or a seek',
  *find(facts) {
    for (const { previous, read } of consecutiveReads(facts)) {
      if (read.record.offset > previous.record.offset) continue
      yield tell(facts, previous, read, 'after')
    }
  },
}

export const skippedPoll: Anomaly = {
  kind: 'skipped-poll',
  meaning: 'a reader went past a record that it was to be given, without a rebalance or a seek',
  *find(facts) {
    for (const { previous, read } of consecutiveReads(facts)) {
      // Handlers side by side begin in an order of their own.
      if (read.poll.how === 'parallel') continue
      const { log = '' } = read
      const { consumer, sequence } = read.poll
      const readable = facts.finals.readableOffsets(log, read.poll.isolation)
      let next = firstAfter(readable, previous.record.offset)
      while (next !== undefined && facts.isLeftOut(consumer, log, next)) next = firstAfter(readable, next)
      if (next === undefined || next >= read.record.offset) continue
      if (facts.removals.mayHaveJumped(consumer, log, previous.record.offset, sequence)) continue
      const skipped = facts.finals.recordAt(log, next)
      yield tell(facts, previous, read, `and not "${skipped?.value}" at ${next}, right after`)
    }
  },
}

function tell({ topics }: Facts, previous: Read, { record, log, poll }: Read, how: string): Finding {
  const place = topics.nameOf(log ?? '')
  const sentence =
    `${poll.consumer} was given "${record.value}" at ${place}@${record.offset} ${how}` +
    ` "${previous.record.value}" at ${previous.record.offset}`
  return finding(sentence, previous.poll, poll)
}

interface Pair {
  readonly previous: Read
  readonly read: Read
}

/**
 * Each two reads of a log by one consumer between which nothing moved its position. Of a parallel reader, those of one
 * key.
 */
function* consecutiveReads(facts: Facts): Iterable<Pair> {
  const positions = new Positions()
  const reads = facts.reads.values()
  for (const event of facts.events) {
    if (event.type !== 'poll') {
      positions.move(event)
      continue
    }
    for (let index = 0; index < event.records.length; index++) {
      const read = reads.next().value as Read
      const key = event.how === 'parallel' ? facts.sends.get(read.record.value)?.send.key : undefined
      if (event.how === 'parallel' && key === undefined) continue
      const previous = positions.replace(read, key)
      const isOfSameLog = read.log !== undefined && previous?.log === read.log
      if (previous && isOfSameLog && previous.poll.session === event.session) yield { previous, read }
    }
  }
}

class Positions {
  /** By consumer, then by topic and partition, then by key. */
  readonly #last = new Map<string, Map<string, Map<string, Read>>>()

  /** Takes in the newest read of a place. @returns the one before */
  replace(read: Read, key = ''): Read | undefined {
    const { topic, partition } = read.record
    let places = this.#last.get(read.poll.consumer)
    if (!places) this.#last.set(read.poll.consumer, (places = new Map()))
    let keys = places.get(`${topic}/${partition}`)
    if (!keys) places.set(`${topic}/${partition}`, (keys = new Map()))
    const previous = keys.get(key)
    keys.set(key, read)
    return previous
  }

  /** Forgets where a consumer was when what follows may be elsewhere. */
  move(event: HistoryEvent): void {
    switch (event.type) {
      case 'seek':
      case 'position-reset':
        this.#last.get(event.consumer)?.delete(`${event.topic}/${event.partition}`)
        break
      case 'assigned':
      case 'revoked':
      case 'lost':
        for (const { topic, partition } of event.partitions)
          this.#last.get(event.consumer)?.delete(`${topic}/${partition}`)
        break
      case 'reading':
        this.#last.delete(event.consumer)
        break
      default:
    }
  }
}
