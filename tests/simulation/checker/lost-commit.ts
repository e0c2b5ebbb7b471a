import type { EventOf } from '../history/history-event.ts'
import type { OffsetOf } from '../history/record-events.ts'
import { type Anomaly, finding } from './anomaly.ts'
import { outcomeFor } from './commit-outcome.ts'
import type { Facts } from './facts.ts'

const dayMs = 24 * 60 * 60 * 1000

interface Taken {
  readonly event: EventOf<'commit-taken'>
  readonly offset: number
}

/** What a group has taken for one partition, and from which on nothing of it may be forgotten. */
interface Book {
  readonly taken: Taken[]
  /** The place in `taken` of the last one whose client was told that it was taken. */
  firm: number
  answer: EventOf<'commit-answered'> | undefined
}

export const lostCommit: Anomaly = {
  kind: 'lost-commit',
  meaning:
    'a group was told that its offset was committed, and it holds an older one, or none, or one that nobody committed',
  *find(facts) {
    const books = new Map<string, Book>()
    const loose = looseCommits(facts)
    const commits = new Map(facts.of('commit').map((commit) => [commit.commit, commit]))
    for (const event of facts.events) {
      if (event.type === 'commit-taken') for (const place of event.offsets) take(facts, books, event, place)
      // An admin may set what it likes, and what was sent before may still arrive after it.
      else if (event.type === 'offsets-reset') forget(books, event.group)
      else if (event.type === 'commit-answered') {
        const commit = commits.get(event.commit)
        if (commit && commit.how !== 'transaction') confirm(facts, books, commit, event)
      } else if (event.type === 'committed') {
        for (const place of event.offsets) {
          const book = books.get(keyOf(facts, event.group, place) ?? '')
          if (!book || isExplained(facts, book, place, event) || isLoose(loose, event, place)) continue
          const where = `${place.topic}/${place.partition}`
          const last = book.taken[book.firm] as Taken
          const sentence =
            `${event.group} was told that ${where} is committed at ${last.offset}, and holds` + ` ${place.offset}`
          yield finding(sentence, last.event, book.answer, event)
        }
      }
    }
  },
}

function keyOf(facts: Facts, group: string, place: OffsetOf): string | undefined {
  const log = facts.topics.logOf(place)
  return log === undefined ? undefined : `${group} ${log}`
}

/** From when on and until when a commit may be taken without a word, as by a storage that dies before it says so. */
interface Loose {
  readonly from: number
  readonly until: number
}

/** Commits whose clients are not told yet how they end, or never. */
function looseCommits(facts: Facts): ReadonlyMap<string, readonly Loose[]> {
  const answers = new Map(facts.of('commit-answered').map((answer) => [answer.commit, answer]))
  const loose = new Map<string, Loose[]>()
  for (const { commit, group, offsets, sequence: from } of facts.of('commit')) {
    const answer = answers.get(commit)
    for (const place of offsets) {
      const outcome = outcomeFor(place, answer)
      if (outcome === 'failed') continue
      const until = outcome === 'ok' && answer ? answer.sequence : Number.POSITIVE_INFINITY
      const key = looseKey(group, place)
      loose.set(key, [...(loose.get(key) ?? []), { from, until }])
    }
  }
  return loose
}

function isLoose(
  loose: ReadonlyMap<string, readonly Loose[]>,
  { group, sequence }: EventOf<'committed'>,
  place: OffsetOf,
): boolean {
  return loose.get(looseKey(group, place))?.some(({ from, until }) => from < sequence && sequence < until) === true
}

function looseKey(group: string, { topic, partition, offset }: OffsetOf): string {
  return `${group} ${topic}/${partition}@${offset}`
}

function take(facts: Facts, books: Map<string, Book>, event: EventOf<'commit-taken'>, place: OffsetOf): void {
  const key = keyOf(facts, event.group, place)
  if (key === undefined) return
  let book = books.get(key)
  if (!book) books.set(key, (book = { taken: [], firm: -1, answer: undefined }))
  book.taken.push({ event, offset: place.offset })
}

function forget(books: Map<string, Book>, group: string): void {
  for (const [key, book] of books) if (key.startsWith(`${group} `)) book.firm = -1
}

/** The client knows: what was taken before no longer explains what the group holds. */
function confirm(
  facts: Facts,
  books: Map<string, Book>,
  { group, memberId, offsets, sequence }: EventOf<'commit'>,
  answer: EventOf<'commit-answered'>,
): void {
  for (const place of offsets) {
    const book = books.get(keyOf(facts, group, place) ?? '')
    if (!book || outcomeFor(place, answer) !== 'ok') continue
    // The first that fits: those behind it may be of a later commit.
    const index = book.taken.findIndex(
      ({ event, offset }) => event.sequence > sequence && event.memberId === memberId && offset === place.offset,
    )
    if (index <= book.firm) continue
    book.firm = index
    book.answer = answer
  }
}

function isExplained(facts: Facts, { taken, firm }: Book, place: OffsetOf, { atMs }: EventOf<'committed'>): boolean {
  if (firm < 0 || facts.topics.named(place.topic).some(({ isDeleted }) => isDeleted)) return true
  // Groups forget offsets that nobody has used for days.
  if (place.offset < 0 && (atMs > dayMs || facts.of('clock-set').length > 0)) return true
  for (let index = firm; index < taken.length; index++) if (taken[index]?.offset === place.offset) return true
  // Those of transactions count when these are committed, which may be later than others that were taken after them.
  return taken.some(({ event, offset }) => event.transactionalId !== undefined && offset === place.offset)
}
