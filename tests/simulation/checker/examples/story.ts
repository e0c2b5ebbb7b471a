import type { EventContent, EventOf, HistoryEvent } from '../../history/history-event.ts'
import { History } from '../../history/history.ts'
import type { FinalRecord, TopicSettings } from '../../history/log-events.ts'
import type { Isolation, OffsetOf, Outcome, Poll, PolledRecord, Send } from '../../history/record-events.ts'

export const topic = 'orders'
export const topicId = 'o1'

interface Sending {
  readonly by?: string
  readonly producer?: Send['producer']
  /** `t/1`: the transaction that it belongs to. */
  readonly in?: string
  readonly key?: string
  readonly topicId?: string
  readonly partition?: number
  readonly outcome?: Outcome
  /** The offset that it was said to have. */
  readonly at?: number
  /** The producer knows the name of the topic alone. */
  readonly isByName?: true
}

interface Reading {
  readonly by?: string
  readonly group?: string
  readonly session?: number
  readonly isolation?: Isolation
  readonly how?: Poll['how']
  readonly isKept?: boolean
  readonly in?: string
  readonly topicId?: string
  /** The reader knows the name of the topic alone. */
  readonly isByName?: true
  readonly partition?: number
}

interface Log {
  readonly topicId?: string
  readonly partition?: number
  readonly start?: number
  /** The timestamps of what the places hold. */
  readonly times?: readonly number[]
  readonly lastStableOffset?: number
  readonly highWatermark?: number
}

/**
 * A history told by hand, in a few words an event. There is one topic, made with two partitions; retention and
 * compaction have to be asked for.
 */
export class Story {
  readonly #history: History
  #nowMs = 0
  #order = 0
  readonly #keys = new Map<string, string>()

  constructor(setting: Partial<TopicSettings> = {}) {
    this.#history = new History(() => this.#nowMs)
    this.creates({ topicId, ...setting })
  }

  get events(): readonly HistoryEvent[] {
    return this.#history.events
  }

  add(process: string, content: EventContent): this {
    this.#history.add(process, content)
    return this
  }

  after(ms: number): this {
    this.#nowMs += ms
    return this
  }

  creates(setting: { readonly topicId: string } & Partial<EventOf<'topic-created'>>): this {
    const made = { type: 'topic-created', topic, partitions: 2, cleanup: 'delete', hasRetention: false } as const
    return this.add('admin', { ...made, ...setting })
  }

  /** It is handed to a producer, an idempotent one if nothing else is said. */
  send(value: string, sending: Sending = {}): this {
    const {
      by = 'p',
      in: transaction,
      producer = transaction ? 'transactional' : 'idempotent',
      key,
      partition,
    } = sending
    if (key !== undefined) this.#keys.set(value, key)
    return this.add(by, {
      type: 'send',
      value,
      topic,
      producer,
      order: this.#order++,
      ...(key !== undefined && { key }),
      ...(partition !== undefined && { partition }),
      ...numbered(transaction),
    })
  }

  sent(value: string, sending: Sending = {}): this {
    const { by = 'p', outcome = 'ok', at = -1, topicId: id = topicId, partition = 0, isByName } = sending
    const place = outcome === 'ok' ? { topic, partition, offset: at, ...(!isByName && { topicId: id }) } : {}
    return this.add(by, { type: 'sent', value, outcome, ...place })
  }

  /** It is sent and settled at once. */
  sends(value: string, sending: Sending = {}): this {
    return this.send(value, sending).sent(value, sending)
  }

  /** Records such as `v1@0`, given out at once. */
  reads(records: string, reading: Reading = {}): this {
    const {
      by = 'c',
      group,
      session = 1,
      isolation = 'read_committed',
      how = 'loop',
      isKept,
      in: transaction,
    } = reading
    return this.add(by, {
      type: 'poll',
      consumer: by,
      session,
      isolation,
      how,
      ...(isKept !== undefined && { isKept }),
      records: records.split(' ').map((record) => recordIn(record, reading)),
      ...(group !== undefined && { group }),
      ...numbered(transaction),
    })
  }

  begins(transaction: string, by = 'p'): this {
    return this.add(by, { type: 'transaction-begun', ...named(transaction) })
  }

  ending(transaction: string, how: 'commit' | 'abort', by = 'p'): this {
    return this.add(by, { type: 'transaction-ending', how, ...named(transaction) })
  }

  ended(transaction: string, outcome: 'committed' | 'aborted' | 'unknown', by = 'p'): this {
    return this.add(by, { type: 'transaction-ended', outcome, ...named(transaction) })
  }

  commits(transaction: string, by = 'p'): this {
    return this.ending(transaction, 'commit', by).ended(transaction, 'committed', by)
  }

  aborts(transaction: string, by = 'p'): this {
    return this.ending(transaction, 'abort', by).ended(transaction, 'aborted', by)
  }

  /**
   * What lies in the log in the end, from its start on: `v1`, `v2:aborted`, `v3:committed:key`, `-` where there is no
   * record.
   */
  log(records: string, log: Log = {}): this {
    const { start = 0, partition = 0 } = log
    const words = records === '' ? [] : records.split(' ')
    const highWatermark = log.highWatermark ?? start + words.length
    return this.add('server', {
      type: 'final-log',
      topic,
      topicId: log.topicId ?? topicId,
      partition,
      logStartOffset: start,
      highWatermark,
      lastStableOffset: log.lastStableOffset ?? highWatermark,
      records: words.flatMap((word, index) =>
        word === '-' ? [] : { ...this.#finalRecord(word, start + index), ...timeAt(log, index) },
      ),
    })
  }

  /** With the key that its value was sent with, unless the word says another. */
  #finalRecord(word: string, offset: number): FinalRecord {
    const [value = '', transaction = 'none', key = this.#keys.get(value)] = word.split(':')
    return {
      offset,
      value,
      transaction: transaction as FinalRecord['transaction'],
      ...(key !== undefined && { key }),
    }
  }

  places(offsets: string): OffsetOf[] {
    return offsets.split(' ').map((place) => {
      const [partition, offset] = place.split('@')
      return { topic, topicId, partition: Number(partition), offset: Number(offset) }
    })
  }
}

function recordIn(record: string, { topicId: id = topicId, partition = 0, isByName }: Reading): PolledRecord {
  const [value = '', offset] = record.split('@')
  return { topic, partition, offset: Number(offset), value, ...(!isByName && { topicId: id }) }
}

function timeAt({ times = [] }: Log, index: number): { timestamp?: number } {
  const timestamp = times[index]
  return timestamp === undefined ? {} : { timestamp }
}

function named(transaction: string): { transactionalId: string; transaction: number } {
  const [transactionalId = '', number] = transaction.split('/')
  return { transactionalId, transaction: Number(number) }
}

function numbered(transaction: string | undefined) {
  return transaction === undefined ? {} : named(transaction)
}
