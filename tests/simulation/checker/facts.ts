import type { EventContent, EventOf, HistoryEvent } from '../history/history-event.ts'
import { isPoison } from '../history/poison.ts'
import type { PolledRecord } from '../history/record-events.ts'
import { FinalLogs } from './final-logs.ts'
import { Removals } from './removals.ts'
import { type Log, Topics } from './topics.ts'
import { type TransactionFact, Transactions } from './transactions.ts'

/** A send, how it ended, and where it was said to be. */
export interface SendFact {
  readonly send: EventOf<'send'>
  readonly sent?: EventOf<'sent'>
  readonly log?: Log
  /** Only where it was acknowledged at one. */
  readonly offset?: number
  readonly transaction?: TransactionFact
}

/** One record that was given out. */
export interface Read {
  readonly poll: EventOf<'poll'>
  readonly record: PolledRecord
  /** Undefined where several topics had the name and nothing tells which is meant. */
  readonly log: Log | undefined
}

/** What all checks look at, worked out of a history once. */
export class Facts {
  readonly events: readonly HistoryEvent[]
  readonly topics = new Topics()
  readonly finals = new FinalLogs()
  readonly removals: Removals
  readonly transactions: Transactions
  /** By value. */
  readonly sends: ReadonlyMap<string, SendFact>
  readonly reads: readonly Read[]
  /** Which processes were killed, and when. */
  readonly killed = new Map<string, EventOf<'killed'>>()
  /** Consumers that cannot decode poison. */
  readonly #leavingOut: ReadonlySet<string>
  readonly #byType = new Map<string, HistoryEvent[]>()
  /** For each event, how many things had gone wrong before it. */
  readonly #troubles: number[] = []

  constructor(events: readonly HistoryEvent[]) {
    this.events = events
    let troubles = 0
    for (const event of events) {
      const ofType = this.#byType.get(event.type)
      if (ofType) ofType.push(event)
      else this.#byType.set(event.type, [event])
      this.topics.note(event)
      if (event.type === 'final-log') this.finals.note(event)
      if (event.type === 'killed') this.killed.set(event.process, event)
      this.#troubles.push(troubles)
      if (isTrouble(event)) troubles++
    }
    const leavingOut = this.of('reading').filter(({ leavesOutPoison }) => leavesOutPoison)
    this.#leavingOut = new Set(leavingOut.map(({ consumer }) => consumer))
    this.removals = new Removals(this)
    this.transactions = new Transactions(this)
    this.sends = sendsOf(this)
    this.reads = readsOf(this)
    this.transactions.noteRecords(this)
  }

  /** All events of a type, in their order. */
  of<Type extends EventContent['type']>(type: Type): readonly EventOf<Type>[] {
    return (this.#byType.get(type) ?? []) as unknown as readonly EventOf<Type>[]
  }

  /** Whether a consumer is not given the record there, as it cannot decode it. */
  isLeftOut(consumer: string, log: Log, offset: number): boolean {
    return this.#leavingOut.has(consumer) && isPoison(this.finals.recordAt(log, offset)?.value ?? '')
  }

  /** When everything was well again. */
  get healed(): EventOf<'healed'> | undefined {
    return this.of('healed').at(-1)
  }

  /** After this nothing is to happen any more: everybody has had the time to come to an end. */
  get end(): EventOf<'final-polls-over'> | undefined {
    return this.of('final-polls-over').at(-1)
  }

  /** Whether anything went wrong between two events, so that a request may have been sent twice. */
  isTroubled(from: HistoryEvent, to: HistoryEvent): boolean {
    return this.#troubles[from.sequence] !== this.#troubles[to.sequence] || this.#isDown(from)
  }

  /**
   * Whether a proxy has sent a request once more that left between two events. Who is answered knows nothing of the
   * copy.
   *
   * @param operation what it is called, or its path over HTTP
   */
  isCopied(operation: RegExp, from: HistoryEvent, to: HistoryEvent): boolean {
    return this.of('fault').some(
      (event) =>
        event.process === from.process &&
        event.fault.startsWith('copied ') &&
        operation.test(event.operation ?? '') &&
        event.sequence > from.sequence &&
        event.sequence < to.sequence,
    )
  }

  #isDown({ sequence }: HistoryEvent): boolean {
    const before = (type: 'crash' | 'restart'): number =>
      this.of(type).findLast((event) => event.sequence < sequence)?.sequence ?? -1
    return before('crash') > before('restart')
  }

  /** Where a send was written: undefined where its partition is not known, or several topics had the name meanwhile. */
  logOfSend(send: EventOf<'send'>, sent: EventOf<'sent'> | undefined): Log | undefined {
    const { topicId, partition = send.partition } = sent ?? {}
    if (partition === undefined) return undefined
    const log = this.topics.logOf({ topic: send.topic, partition, ...(topicId !== undefined && { topicId }) })
    if (log !== undefined) return log
    const topic = this.topics.duringAll(send.topic, send.sequence, sent?.sequence ?? Infinity)
    return topic && `${topic.topicId}/${partition}`
  }

  /**
   * Where a record was read: undefined where several topics had the name since it was sent, as a request that is
   * repeated may get to any of them.
   */
  logOfRead(record: PolledRecord, { sequence }: EventOf<'poll'>): Log | undefined {
    const log = this.topics.logOf(record)
    const send = this.sends.get(record.value)?.send
    if (log !== undefined || !send) return log
    const topic = this.topics.duringAll(record.topic, send.sequence, sequence)
    return topic && `${topic.topicId}/${record.partition}`
  }
}

function isTrouble({ type }: HistoryEvent): boolean {
  return ['fault', 'crash', 'restart', 'stalled', 'clock-set', 'killed'].includes(type)
}

function sendsOf(facts: Facts): Map<string, SendFact> {
  const sends = new Map<string, SendFact>()
  const ends = new Map(facts.of('sent').map((sent) => [sent.value, sent]))
  for (const send of facts.of('send')) {
    const sent = ends.get(send.value)
    const { offset = -1 } = sent ?? {}
    const transaction = facts.transactions.of(send)
    const log = facts.logOfSend(send, sent)
    sends.set(send.value, {
      send,
      ...(sent && { sent }),
      ...(log !== undefined && { log }),
      ...(sent?.outcome === 'ok' && offset >= 0 && { offset }),
      ...(transaction && { transaction }),
    })
  }
  return sends
}

function readsOf(facts: Facts): Read[] {
  const reads: Read[] = []
  for (const poll of facts.of('poll'))
    for (const record of poll.records) reads.push({ poll, record, log: facts.logOfRead(record, poll) })
  return reads
}
