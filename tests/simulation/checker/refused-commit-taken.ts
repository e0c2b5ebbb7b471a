import type { EventOf, HistoryEvent } from '../history/history-event.ts'
import type { OffsetOf } from '../history/record-events.ts'
import { type Anomaly, type Finding, finding } from './anomaly.ts'
import { isSamePartition, outcomeFor } from './commit-outcome.ts'
import type { Facts } from './facts.ts'

type Commit = EventOf<'commit'>
type Answer = EventOf<'commit-answered'>

export const refusedCommitTaken: Anomaly = {
  kind: 'refused-commit-taken',
  meaning: 'a client was told that its offset was not committed, goes on as if it was not, and the group has taken it',
  *find(facts) {
    const book = new CommitBook(facts)
    yield* refusedAttempts(facts, book)
    yield* failedCalls(facts, book)
  },
}

/** What was asked of the groups and what they have taken. */
class CommitBook {
  readonly sent: ReadonlyMap<string, readonly Commit[]>
  readonly #taken: ReadonlyMap<string, readonly EventOf<'commit-taken'>[]>
  readonly #answers: ReadonlyMap<number, Answer>

  constructor(facts: Facts) {
    this.sent = Map.groupBy(facts.of('commit'), committerOf)
    this.#taken = Map.groupBy(facts.of('commit-taken'), committerOf)
    this.#answers = new Map(facts.of('commit-answered').map((answer) => [answer.commit, answer]))
  }

  answerTo({ commit }: Commit): Answer | undefined {
    return this.#answers.get(commit)
  }

  /** How the group has taken a place of a commit, where no other commit of the same member explains it. */
  taking(commit: Commit, place: OffsetOf, isOther: (commit: Commit) => boolean): EventOf<'commit-taken'> | undefined {
    const committer = committerOf(commit)
    const taking = this.#taken.get(committer)?.find((one) => one.sequence > commit.sequence && has(one, place))
    const isExplained = this.sent
      .get(committer)
      ?.some((other) => isOther(other) && has(other, place) && other.sequence < (taking?.sequence ?? 0))
    return isExplained ? undefined : taking
  }
}

function* refusedAttempts(facts: Facts, book: CommitBook): Iterable<Finding> {
  const mayBeTaken = (commit: Commit, place: OffsetOf): boolean => {
    const answer = book.answerTo(commit)
    return answer === undefined || outcomeFor(place, answer) !== 'failed' || isCopied(facts, commit, answer)
  }
  for (const commit of [...book.sent.values()].flat()) {
    const answer = book.answerTo(commit)
    for (const place of commit.offsets) {
      if (!answer || mayBeTaken(commit, place)) continue
      const taking = book.taking(commit, place, (other) => mayBeTaken(other, place))
      if (taking) yield told(commit.group, place, commit, answer, taking)
    }
  }
}

/** A call that commits, from when it was made until its caller was told how it ended. */
interface Call {
  readonly called: EventOf<'commit-called'>
  readonly returned: EventOf<'commit-returned'> | undefined
}

/** A call may take several attempts, and what ends it says nothing of those before. */
function* failedCalls(facts: Facts, book: CommitBook): Iterable<Finding> {
  const returns = new Map(facts.of('commit-returned').map((event) => [event.call, event]))
  const calls = facts.of('commit-called').map((called): Call => ({ called, returned: returns.get(called.call) }))
  for (const { called, returned } of calls) {
    if (returned?.outcome !== 'failed') continue
    const { group, place } = called
    const attempts = attemptsOf(called, returned, facts, book, calls)
    for (const commit of attempts) {
      if (!has(commit, place) || isCopied(facts, commit, returned)) continue
      const taking = book.taking(commit, place, (other) => !attempts.has(other) || isCopied(facts, other, returned))
      if (taking) yield told(group, place, called, commit, returned, taking)
    }
  }
}

/**
 * What was sent while a call was under way, but for the last one where it was sent for other calls: the one before had
 * ended this call already.
 */
function attemptsOf(
  called: EventOf<'commit-called'>,
  returned: EventOf<'commit-returned'>,
  facts: Facts,
  book: CommitBook,
  calls: readonly Call[],
): ReadonlySet<Commit> {
  const isWithin = (event: Commit): boolean => isSameConsumer(event, called) && isBetween(event, called, returned)
  const attempts = facts.of('commit').filter(isWithin)
  const [end, last] = attempts.slice(-2).map((commit) => ({ commit, answer: book.answerTo(commit) }))
  if (!end?.answer || !last) return new Set(attempts)
  const { answer } = end
  const isEnded =
    answer.outcome === 'failed' && kindOf(answer) === kindOf(returned) && isBetween(answer, end.commit, last.commit)
  const isOpen = last.answer === undefined || last.answer.sequence > returned.sequence
  const isOfOthers = calls.some(
    (other) =>
      isSameConsumer(other.called, called) &&
      isBetween(last.commit, other.called, other.returned) &&
      isBetween(returned, other.called, other.returned),
  )
  return new Set(isEnded && isOpen && isOfOthers ? attempts.slice(0, -1) : attempts)
}

function isSameConsumer(
  one: Commit | EventOf<'commit-called'>,
  { consumer, group }: EventOf<'commit-called'>,
): boolean {
  return one.consumer === consumer && one.group === group
}

/** Whatever has no end goes on for ever. */
function isBetween({ sequence }: HistoryEvent, from: HistoryEvent, to: HistoryEvent | undefined): boolean {
  return from.sequence < sequence && sequence < (to?.sequence ?? Number.POSITIVE_INFINITY)
}

/** The code of an error, which comes before what it says. */
function kindOf({ error }: { readonly error?: string | undefined }): string | undefined {
  return error?.split(':')[0]
}

function told(group: string, { topic, partition, offset }: OffsetOf, ...events: readonly HistoryEvent[]): Finding {
  return finding(`${group} has taken ${topic}/${partition} at ${offset}, and its client was told otherwise`, ...events)
}

function committerOf({ group, memberId, memberEpoch, transactionalId }: Commit | EventOf<'commit-taken'>): string {
  return `${group} ${memberId} ${memberEpoch} ${transactionalId}`
}

function has({ offsets }: Commit | EventOf<'commit-taken'>, place: OffsetOf): boolean {
  return offsets.some((one) => isSamePartition(one, place) && one.offset === place.offset)
}

/** The copy may come when nothing is against it any more. */
function isCopied(facts: Facts, commit: Commit, answer: HistoryEvent): boolean {
  return facts.isCopied(/offsetCommit$|commit$|commit-offsets$/i, commit, answer)
}
