import type { EventOf, HistoryEvent } from './history-event.ts'
import type { Isolation, PartitionOf } from './record-events.ts'

/** What a group, or a reader without one, that begins at the end has to be given of a partition. */
export interface Owed extends PartitionOf {
  /** The group, or else the consumer. */
  readonly reader: string
  readonly isolation: Isolation
  /** From when on: everything that is handed to a producer after this event. */
  readonly assigned: EventOf<'assigned'>
  /** Who has the partition now, and since when; undefined: nobody. */
  readonly holder: EventOf<'assigned'> | undefined
}

interface Book extends Owed {
  holder: EventOf<'assigned'> | undefined
  /** The group has taken an offset since. */
  isCommitted: boolean
  /** Who had it before, and gave it up as it is meant to be. */
  former: EventOf<'assigned'> | undefined
}

/** What goes wrong may go on for so long: a full disk, a process that stands still, a request that is late. */
const troubleMs = 15_000

/**
 * Goes along with a history, and knows what those who begin at the end are owed: whatever is sent after they were told
 * that a partition is theirs. A group is owed it on as long as it keeps its place, which it does once it has an offset
 * there. Members that commit by themselves see to that when they go, unless something goes wrong.
 */
export class EndReaders {
  readonly #readings = new Map<string, EventOf<'reading'>>()
  readonly #books = new Map<string, Book>()
  /** Readers that are moved by others, or by a time. */
  readonly #moved = new Set<string>()
  /** When each process was refused where it begins: it is told of its partitions then, and goes on asking. */
  readonly #refusedMs = new Map<string, number>()
  #trouble: HistoryEvent | undefined

  follow(event: HistoryEvent): void {
    if (isTrouble(event)) this.#trouble = event
    switch (event.type) {
      case 'fault':
        if (/list-?offsets|offset-?fetch/i.test(event.operation ?? '')) this.#refusedMs.set(event.process, event.atMs)
        break
      case 'reading':
        this.#readings.set(event.consumer, event)
        break
      case 'assigned':
        this.#assigned(event)
        break
      case 'revoked':
      case 'lost':
        for (const book of this.#heldBy(event.consumer))
          if (event.partitions.some((one) => isSame(one, book))) this.#end(book, event.type === 'revoked')
        break
      case 'killed':
        for (const book of this.#heldBy(event.process)) this.#end(book, false)
        break
      case 'commit-taken':
        for (const place of event.offsets) {
          const book = this.#books.get(keyOf(event.group, place))
          if (book) book.isCommitted = true
        }
        break
      case 'seek':
        if (event.timestamp !== undefined) this.#moved.add(event.group ?? event.consumer)
        break
      case 'offsets-reset':
      case 'group-deleted':
        this.#moved.add(event.group)
        break
      default:
    }
  }

  /** What is owed to those who have their partitions now. */
  get owed(): readonly Owed[] {
    return [...this.#books.values()].filter(({ holder, reader }) => holder && !this.#moved.has(reader))
  }

  /** What a consumer is owed of a partition that it has. */
  owedTo(consumer: string, place: PartitionOf): Owed | undefined {
    return this.owed.find((one) => one.holder?.consumer === consumer && isSame(one, place))
  }

  #assigned(event: EventOf<'assigned'>): void {
    const { consumer, group } = event
    const reading = this.#readings.get(consumer)
    if (reading?.from !== 'latest') return
    const reader = group ?? consumer
    for (const place of event.partitions) {
      const key = keyOf(reader, place)
      const book = this.#books.get(key)
      if (book && this.#isKept(book)) {
        book.holder = event
        book.former = undefined
        continue
      }
      this.#books.delete(key)
      const refusedMs = this.#refusedMs.get(event.process)
      if (refusedMs !== undefined && event.atMs - refusedMs < troubleMs) continue
      const { topic, partition } = place
      const { isolation } = reading
      const fresh = { reader, topic, partition, isolation, assigned: event, holder: event }
      this.#books.set(key, { ...fresh, isCommitted: false, former: undefined })
    }
  }

  #end(book: Book, isAsMeant: boolean): void {
    book.former = isAsMeant ? book.holder : undefined
    book.holder = undefined
  }

  /** Whether the group has kept its place until now, when somebody else is told to go on there. */
  #isKept({ former, isCommitted }: Book): boolean {
    if (isCommitted) return true
    if (!former || this.#readings.get(former.consumer)?.isAutomatic !== true) return false
    const { sequence = -1, atMs = -troubleMs } = this.#trouble ?? {}
    return sequence < former.sequence && atMs <= former.atMs - troubleMs
  }

  #heldBy(consumer: string): readonly Book[] {
    return [...this.#books.values()].filter(({ holder }) => holder?.consumer === consumer)
  }
}

function keyOf(reader: string, { topic, partition }: PartitionOf): string {
  return `${reader} ${topic}/${partition}`
}

function isSame(one: PartitionOf, other: PartitionOf): boolean {
  return one.topic === other.topic && one.partition === other.partition
}

/** Who is closed ends as it is meant to. */
function isTrouble(event: HistoryEvent): boolean {
  if (event.type === 'fault') return event.fault !== 'close client'
  return event.type === 'crash' || event.type === 'restart' || event.type === 'stalled' || event.type === 'clock-set'
}
