import type { Mutant } from './mutant.ts'

export const consumerReadingMutants: readonly Mutant[] = [
  {
    name: 'first-to-end-ends-all',
    breaks: 'A reader that ends leaves the group although others read: they end with too few records.',
    file: 'packages/consumer/src/session/consumer-session.ts',
    text: 'if (!this.work.isRead || !this.arrivals.isOpen) await this.stop()',
    replacement: 'if (this.arrivals) await this.stop()',
    gate: { file: 'tests/properties/readers-at-a-time.test.ts' },
  },
  {
    name: 'left-records-stay-away',
    breaks: 'What one of several readers leaves unprocessed reaches none of the others.',
    file: 'packages/consumer/src/session/consumer-session.ts',
    text: 'else this.work.readReleasedAgain()',
    replacement: '',
    gate: { file: 'tests/properties/readers-at-a-time.test.ts' },
  },
  {
    name: 'read-again-behind-another-reader',
    breaks: 'A partition goes back only to what was left, past records that another reader still works on.',
    file: 'packages/consumer/src/partition/offset-tracker.ts',
    text: 'return isReleased ? this.#offsets[this.#first] : undefined',
    replacement: 'return isReleased ? this.#offsets[this.#fates.indexOf(releasedBit, this.#first)] : undefined',
    gate: { file: 'packages/consumer/src/partition/offset-tracker.test.ts', tests: 'never lets more' },
  },
  {
    name: 'stale-fetch-taken',
    breaks: 'A fetch from before the position moved is given out, so that a reader that went back skips records.',
    file: 'packages/consumer/src/fetch/fetcher.ts',
    text: 'for (const partition of wanting) {',
    replacement: 'for (const given of wanting) {\n        const partition = this.#parts.owned.find(given) ?? given',
    gate: { file: 'packages/consumer/test/fetch/stale-fetches.test.ts', tests: 'goes back' },
  },
  {
    name: 'out-of-range-begins-at-the-start',
    breaks: 'OFFSET_OUT_OF_RANGE begins at the start, whatever `offset` says.',
    file: 'packages/consumer/src/fetch/fetcher.ts',
    text: 'partitions: [partition], position, isolationLevel }',
    replacement: "partitions: [partition], position: 'earliest' satisfies typeof position, isolationLevel }",
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > whose position' },
  },
  {
    name: 'unreadable-records-not-told',
    breaks: 'A damaged batch is stepped over without a word.',
    file: 'packages/consumer/src/fetch/fetcher.ts',
    text: "partition.error = new KafkaError(detail, { code: 'CORRUPT_MESSAGE', kafkaName: 'CORRUPT_MESSAGE', cause })",
    replacement: 'partition.skipTo(answer.highWatermark + detail.length * 0)',
    gate: { file: 'packages/consumer/test/commit/commits.test.ts', tests: 'on memory > records that were damaged' },
    isWaitedFor: true,
  },
  {
    name: 'aborted-records-read',
    breaks: 'Records of aborted transactions are given out.',
    file: 'packages/consumer/src/fetch/record-decoder.ts',
    text: 'return isTransactional && this.#current.has(producerId)',
    replacement: 'return false',
    gate: { file: 'tests/clients/transactions/transactions.test.ts', tests: 'on memory > aborts and rethrows' },
  },
  {
    name: 'aborted-for-ever',
    breaks: 'After an aborted transaction nothing of that producer is read any more.',
    file: 'packages/consumer/src/fetch/record-decoder.ts',
    text: "if (controlRecordType(bytes, keyStart) === 'abort') aborted.end(header.producerId)",
    replacement: '',
    gate: { file: 'tests/clients/transactions/transactions.test.ts', tests: 'on memory > aborts and rethrows' },
    isWaitedFor: true,
  },
  {
    name: 'records-before-the-position',
    breaks: 'A batch that begins before the position gives out what was read before.',
    file: 'packages/consumer/src/fetch/record-decoder.ts',
    text: 'new UnreadRecords(unpacked, source, fetchOffset)',
    replacement: 'new UnreadRecords(unpacked, source)',
    gate: { file: 'packages/consumer/test/read/reading.test.ts', tests: '^reading on memory > ' },
  },
  {
    name: 'slices-from-the-start',
    breaks: 'What is left of a fetched batch gives the values of its first records again.',
    file: 'packages/consumer/src/partition/record-slice.ts',
    text: 'this.#unread.valueAt(this.#first + index)',
    replacement: 'this.#unread.valueAt(index)',
    gate: { file: 'packages/consumer/test/read/batch-view.test.ts' },
  },
  {
    name: 'replacements-taken-for-text',
    breaks: 'A value that is not UTF-8 is given out with other characters in it.',
    file: 'packages/core/src/batch/format/text-memory.node.ts',
    text: 'if (!text.includes(replacement)) return text',
    replacement: 'return text',
    gate: { file: 'packages/consumer/test/read/batch-view.test.ts' },
  },
  {
    name: 'keys-out-of-order',
    breaks: 'parallel() runs records of one key side by side.',
    file: 'packages/consumer/src/parallel/parallel-dispatcher.ts',
    text: `    if (known) {
      known.waiting.push(record)
      return
    }
`,
    replacement: '',
    gate: {
      file: 'packages/consumer/test/parallel/parallel.test.ts',
      tests: 'on memory > keeps the order of every key',
    },
  },
  {
    name: 'failed-handler-is-finished',
    breaks: 'A record whose handler failed is committed.',
    file: 'packages/consumer/src/parallel/parallel-dispatcher.ts',
    text: `      this.#failure ??= { error }
      this.#session.work.release(record)
      this.#ending.abort()`,
    replacement: `      this.#failure ??= { error }
      this.#session.work.finish(record)
      this.#ending.abort()`,
    gate: { file: 'packages/consumer/test/parallel/parallel.test.ts', tests: '^parallel consumption on memory > ' },
  },
]
