import type { Mutant } from './mutant.ts'

export const consumerCommitsMutants: readonly Mutant[] = [
  {
    name: 'commit-after-a-loss',
    breaks: 'A consumer commits for a partition that it has lost.',
    file: 'packages/consumer/src/commit/offset-commits.ts',
    text: 'due().filter(({ state }) => owned.owns(state))',
    replacement: 'due()',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > .*that is tried again' },
  },
  {
    name: 'loss-forgotten-by-transactions',
    breaks: 'A transaction leaves out what was lost, and its outputs are doubled.',
    file: 'packages/consumer/src/commit/transaction-commits.ts',
    text: 'if (lost) throw fenced(lost, lost.position)',
    replacement: '',
    gate: {
      file: 'tests/clients/transactions/lost-partitions.test.ts',
      tests: 'on memory > silence longer than the session, before',
    },
  },
  {
    name: 'member-not-asked-anew',
    breaks: 'A transaction commits what was lost before its request.',
    file: 'packages/consumer/src/commit/transaction-commits.ts',
    text: `        const lost = lostOf(owned, offsets)
        if (lost) throw lost
        return membership.identity`,
    replacement: '        return membership.identity',
    gate: {
      file: 'tests/clients/transactions/lost-partitions.test.ts',
      tests: 'on memory > silence that is over, while',
    },
  },
  {
    name: 'undecided-offsets-read',
    breaks: 'A reader of committed records begins at an offset that an open transaction may change.',
    file: 'packages/consumer/src/commit/committed-offsets.ts',
    text: "requireStable = isolation === 'read_committed'",
    replacement: 'requireStable = false',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > a reader of committed' },
  },
  {
    name: 'commit-asked-again-beneath',
    breaks: 'A transport asks again for a commit and hides that the first attempt may have been carried out.',
    file: 'packages/core/src/protocol/08-offset-commit.ts',
    text: 'repeatable: () => false,',
    replacement: '',
    gate: { file: 'packages/consumer/test/commit/commit-outcomes.test.ts' },
  },
  {
    name: 'nothing-read-is-committed',
    breaks:
      'An automatic commit of where a group begins takes back what a transaction has committed, when it comes late.',
    file: 'packages/consumer/src/commit/due-offsets.ts',
    text: 'return isAnythingRead || !isFoundAgain ? end : -1',
    replacement: 'return end',
    gate: { file: 'tests/clients/transactions/automatic-commits.test.ts', tests: 'on memory > are none before' },
  },
  {
    name: 'chosen-position-not-committed',
    breaks: 'A reader that was sent elsewhere and reads nothing there is forgotten.',
    file: 'packages/consumer/src/commit/due-offsets.ts',
    text: 'return isAnythingRead || !isFoundAgain ? end : -1',
    replacement: 'return isAnythingRead ? end : -1',
    gate: { file: 'tests/clients/transactions/automatic-commits.test.ts', tests: 'on memory > say where' },
  },
  {
    name: 'given-up-commit-failed',
    breaks:
      'A commit whose answer was lost is told to have failed when the consumer closes or the group refuses the next ' +
      'attempt.',
    file: 'packages/consumer/src/commit/offset-committer.ts',
    text: 'throw errorOfAttempts(error, mayBeCommitted)',
    replacement: 'throw error',
    gate: { file: 'packages/consumer/test/commit/commit-outcomes.test.ts' },
  },
  {
    name: 'gone-topic-fails-the-commit',
    breaks: 'A commit of streams fails for a topic that is deleted, and all its tasks begin again.',
    file: 'packages/consumer/src/commit/offset-commits.ts',
    text: 'isGoneLeftOut: true',
    replacement: 'isGoneLeftOut: false',
    gate: { file: 'packages/consumer/test/commit/exact-commits.test.ts', tests: 'on memory > leaves out' },
  },
  {
    name: 'commits-not-serialised',
    breaks: 'A later commit is overtaken by an earlier one.',
    file: 'packages/consumer/src/commit/offset-committer.ts',
    text: 'const done = this.#last.then(() => this.#untilCommitted(read, isGoneLeftOut))',
    replacement: 'const done = this.#untilCommitted(read, isGoneLeftOut)',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > one follows' },
  },
  {
    name: 'refused-commit-counts',
    breaks: 'A commit that the group has refused is told to be committed.',
    file: 'packages/consumer/src/commit/offset-committer.ts',
    text: 'this.#parts.onCommitted(due.filter((offset) => !refusals.has(offset)))',
    replacement: 'this.#parts.onCommitted(due)',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > what the group refuses' },
  },
  {
    name: 'late-commit-over-others',
    breaks: 'After leaving, a commit takes back what others have committed since.',
    file: 'packages/consumer/src/commit/late-commits.ts',
    text: 'if (found.offset !== groupOffset) throw notOwned(state, offset)',
    replacement: '',
    gate: { file: 'packages/consumer/test/commit/late-commits.test.ts', tests: 'on memory > ' },
  },
  {
    name: 'commit-over-dead-letter',
    breaks: 'A record and its dead letter are lost, as a record behind it was committed before the letter was written.',
    file: 'packages/consumer/src/commit/offset-commits.ts',
    text: 'await invalid.written(state, offset)',
    replacement: '',
    gate: {
      file: 'packages/consumer/test/commit/commits-beyond-dead-letters.test.ts',
      tests: '^(record|batch)\\.commit',
    },
  },
  {
    name: 'commit-ahead-of-dead-letter',
    breaks: 'Who reads a few records, commits and leaves never gets past a dead letter that takes longer.',
    file: 'packages/consumer/src/commit/offset-commits.ts',
    text: 'const problem = await invalid.firstNotWritten(states)',
    replacement: 'const problem = undefined',
    gate: {
      file: 'packages/consumer/test/commit/commits-beyond-dead-letters.test.ts',
      tests: '^consumer\\.commit',
    },
  },
  {
    name: 'handler-behind-dead-letter-refused',
    breaks: 'A handler that commits its record in a transaction fails while a dead letter before it is written.',
    file: 'packages/consumer/src/commit/transaction-commits.ts',
    text: 'if (!this.#parts.invalid.isUnwritten(state, unfinished)) return unfinished',
    replacement: 'return unfinished',
    gate: {
      file: 'packages/consumer/test/commit/commits-beyond-dead-letters.test.ts',
      tests: '^commitOffsets.* of a handler',
    },
  },
  {
    name: 'handler-over-dead-letter',
    breaks: 'A record whose handler failed is committed before its dead letter is written, and both may be lost.',
    file: 'packages/consumer/src/dead-letter/dead-letter.ts',
    text: 'await Promise.all(',
    replacement: 'void Promise.all(',
    gate: { file: 'packages/consumer/src/dead-letter/dead-letter.test.ts', tests: 'before it counts' },
  },
  {
    name: 'transaction-over-dead-letter',
    breaks: 'The same, where a transaction commits the offset.',
    file: 'packages/consumer/src/commit/transaction-commits.ts',
    text: 'for (const { state, offset } of offsets) await this.#parts.invalid.written(state, offset - 1)',
    replacement: '',
    gate: {
      file: 'packages/consumer/test/commit/commits-beyond-dead-letters.test.ts',
      tests: '^commitOffsets',
    },
  },
]
