import type { Mutant } from './mutant.ts'

export const consumerMutants: readonly Mutant[] = [
  {
    name: 'highest-instead-of-lowest',
    breaks: 'A commit covers records that are still worked on, so a crash skips them.',
    file: 'packages/consumer/src/partition/offset-tracker.ts',
    text: 'next?.isFinished; next = this.#pending[this.#first]',
    replacement: 'next?.isFinished || next?.offset !== this.#pending.at(-1)?.offset; next = this.#pending[this.#first]',
    gate: { file: 'packages/consumer/src/partition/offset-tracker.test.ts' },
  },
  {
    name: 'released-counts-as-finished',
    breaks: 'A record that was handed back unprocessed is committed.',
    file: 'packages/consumer/src/partition/offset-tracker.ts',
    text: `    pending.isReleased = true
`,
    replacement: `    pending.isReleased = pending.isFinished = true
    this.#advance()
`,
    gate: { file: 'packages/consumer/src/partition/offset-tracker.test.ts' },
  },
  {
    name: 'commit-after-a-loss',
    breaks: 'A consumer commits for a partition that it has lost.',
    file: 'packages/consumer/src/commit/offset-commits.ts',
    text: 'due().filter(({ state }) => owned.owns(state))',
    replacement: 'due()',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > .*that is tried again' },
  },
  {
    name: 'never-reached-and-silent',
    breaks: 'A consumer that never reaches its server tells nobody.',
    file: 'packages/consumer/src/session/progress-watchdog.ts',
    text: "if (firstLook.isUnderWay) watch('metadata', 'first', withError(firstLook.problem))",
    replacement: 'if (firstLook.isUnderWay) return',
    gate: { file: 'tests/clients/silence.test.ts', tests: 'is told by a consumer' },
  },
  {
    name: 'commit-of-a-former-stay',
    breaks: 'A record from before a loss is committed when the partition has come back.',
    file: 'packages/consumer/src/partition/owned-partitions.ts',
    text: 'return this.#byKey.get(partitionKey(state)) === state',
    replacement: 'return this.#byKey.has(partitionKey(state))',
    gate: {
      file: 'tests/clients/transactions/lost-partitions.test.ts',
      tests: 'on memory > being fenced, before its offsets',
    },
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
    name: 'seek-keeps-the-state',
    breaks: 'What was read before a seek is committed after it.',
    file: 'packages/consumer/src/partition/owned-partitions.ts',
    text: 'const moved = new PartitionState<V, K>(state)',
    replacement: 'const moved = state',
    gate: { file: 'packages/consumer/test/read/reading.test.ts', tests: '^reading on memory > position' },
  },
  {
    name: 'reset-on-a-failed-offset-fetch',
    breaks: 'A refused offsetFetch counts as no commit, so the group begins anew.',
    file: 'packages/core/src/requests/partition-refusal.ts',
    text: 'return error ? { error } : valueOf(answer as A)',
    replacement: 'return valueOf(answer as A)',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > a group goes on' },
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
    name: 'beyond-the-end-is-zero',
    breaks: 'A start beyond the youngest record reads everything.',
    file: 'packages/core/src/requests/offsets-at.ts',
    text: 'const ends = await list(listOffsetsTimestamp.latest)',
    replacement: 'const ends = partitions.map(() => ({ offset: 0 }))',
    gate: { file: 'packages/consumer/test/options.test.ts', tests: 'on memory > ' },
  },
  {
    name: 'end-after-the-time',
    breaks: 'A reader from a time on passes over what is written while it looks where to begin.',
    file: 'packages/core/src/requests/offsets-at.ts',
    text:
      'const ends = await list(listOffsetsTimestamp.latest)\n  const found = await ' +
      'list(Number(position.timestamp))',
    replacement:
      'const found = await list(Number(position.timestamp))\n  const ends = await list(listOffsetsTimestamp.latest)',
    gate: { file: 'packages/consumer/test/fetch/starting-at-a-time.test.ts', tests: 'on memory > ' },
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
    name: 'session-from-the-answer',
    breaks: 'A silent server is noticed too late, when others own the partitions already.',
    file: 'packages/consumer/src/group/group-membership.ts',
    text: 'const leftMs = sentMs + sessionTimeoutMs - runtime.clock.monotonic()',
    replacement: 'const leftMs = sessionTimeoutMs',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > a session counts' },
  },
  {
    name: 'lost-member-owns-on',
    breaks: 'After it was fenced a consumer goes on with what it had.',
    file: 'packages/consumer/src/session/partition-assignment.ts',
    text: `    this.clear()
    if (lost.length === 0) return`,
    replacement: '    if (lost.length === 0) return',
    gate: {
      file: 'tests/clients/transactions/lost-partitions.test.ts',
      tests: '^a transaction whose partition was lost, on memory > ',
    },
  },
  {
    name: 'revoked-before-finished',
    breaks: 'A partition is given up while its record is worked on, which is then done twice.',
    file: 'packages/consumer/src/session/partition-assignment.ts',
    text: 'if (!work.isGoingOn || !revoked.some(({ tracker }) => tracker.isWorkedOn)) return',
    replacement: 'return',
    gate: {
      file: 'packages/consumer/test/commit/commits.test.ts',
      tests: 'on memory > a partition goes to another member',
    },
  },
  {
    name: 'moved-while-revoked',
    breaks: 'A partition that is about to go is given out again, and kept, because its position was moved.',
    file: 'packages/consumer/src/partition/owned-partitions.ts',
    text: '    moved.isRevoking = state.isRevoking\n',
    replacement: '',
    gate: {
      file: 'packages/consumer/test/commit/commits.test.ts',
      tests: 'on memory > a partition that is about to go',
    },
  },
  {
    name: 'paused-is-given-out',
    breaks: 'pause() gives out what was fetched.',
    file: 'packages/consumer/src/partition/partition-state.ts',
    text: 'if (this.isPaused || this.isHeld',
    replacement: 'if (this.isHeld',
    gate: { file: 'packages/consumer/test/read/reading.test.ts', tests: '^reading on memory > ' },
  },
  {
    name: 'assignment-told-too-late',
    breaks: 'What a look at the topics finds just as the one before has been told is never told.',
    file: 'packages/consumer/src/group/manual-assignment.ts',
    text: 'this.#telling.again(',
    replacement: 'this.#telling.join(',
    gate: { file: 'packages/consumer/test/group/made-anew-while-beginning.test.ts', tests: 'chosen partitions' },
  },
]
