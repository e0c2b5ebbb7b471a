import type { Mutant } from './mutant.ts'

export const consumerMutants: readonly Mutant[] = [
  {
    name: 'highest-instead-of-lowest',
    breaks: 'A commit covers records that are still worked on, so a crash skips them.',
    file: 'packages/consumer/src/partition/offset-tracker.ts',
    text: '((this.#fates[this.#first] ?? 0) & finishedBit) !== 0;',
    replacement: 'this.#first < this.#fates.length - 1 || this.#fates[this.#first] === finishedBit;',
    gate: { file: 'packages/consumer/src/partition/offset-tracker.test.ts' },
  },
  {
    name: 'released-counts-as-finished',
    breaks: 'A record that was handed back unprocessed is committed.',
    file: 'packages/consumer/src/partition/offset-tracker.ts',
    text: `    this.#fates[index] = releasedBit
`,
    replacement: `    this.#fates[index] = releasedBit | finishedBit
    this.#advance()
`,
    gate: { file: 'packages/consumer/src/partition/offset-tracker.test.ts' },
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
