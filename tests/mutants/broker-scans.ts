import type { Mutant } from './mutant.ts'

export const brokerScansMutants: readonly Mutant[] = [
  {
    name: 'scans-in-one-go',
    breaks: 'Compaction, retention and look-ups by time hold everybody up for as long as they read.',
    file: 'packages/broker/src/log/log-scan.ts',
    text: 'return yieldToEventLoop()',
    replacement: 'return undefined',
    gate: { file: 'packages/broker/test/turns.test.ts' },
  },
  {
    name: 'unpacked-on-the-event-loop',
    breaks: 'A batch that becomes large holds everybody up while it is unpacked.',
    file: 'packages/broker/src/log/unpacking.ts',
    text: 'use(await unpackRecordBatch(bytes, header, limit, true))',
    replacement: 'use(await unpackRecordBatch(bytes, header, limit))',
    gate: { file: 'packages/broker/test/unpacking.test.ts', tests: 'lets others have their turn' },
  },
  {
    name: 'unpacked-all-at-once',
    breaks: 'Requests that name large batches take as much memory as all of them together.',
    file: 'packages/broker/src/log/unpacking.ts',
    text: 'if (this.#underWay < mostAtATime) this.#underWay++',
    replacement: 'if (this.#underWay < 100) this.#underWay++',
    gate: { file: 'packages/broker/test/unpacking.test.ts', tests: 'two large batches' },
  },
  {
    name: 'cleaned-without-having-looked',
    breaks: 'A pass of compaction that was interrupted counts as done.',
    file: 'packages/broker/src/log/log-cleaner.ts',
    text: 'if (this.#scan.isOver) return',
    replacement: '',
    gate: { file: 'packages/broker/test/log-size.test.ts' },
  },
  {
    name: 'stale-measure-of-removal',
    breaks: 'What a deletion takes from the size of a log was measured before another one, or before compaction.',
    file: 'packages/broker/src/log/cleaning-state.ts',
    text: `measured.from === this.#index.start.baseOffset &&
      measured.version === this.#version`,
    replacement: 'measured.version >= 0',
    gate: { file: 'packages/broker/test/log-size.test.ts' },
  },
  {
    name: 'cleaning-unit-begun-early',
    breaks: 'A unit of compaction is begun before it reads, so what it says of the size undoes a deletion meanwhile.',
    file: 'packages/broker/src/log/log-cleaner.ts',
    text: `const commit = (): Promise<void> => {
      const changes = this.#units.beginEnding()
      log.cleaning.begin(changes, until)`,
    replacement: `let first: ReturnType<Units['beginEnding']> | undefined = this.#units.beginEnding()
    log.cleaning.begin(first, until)
    const commit = (): Promise<void> => {
      const changes = first ?? this.#units.beginEnding()
      first = undefined`,
    gate: { file: 'packages/broker/test/log-size.test.ts' },
  },
  {
    name: 'known-damage-is-served',
    breaks: 'What is known to be damaged is handed to readers as if it were sound.',
    file: 'packages/broker/src/log/log-reads.ts',
    text: 'if (this.#damaged.size > 0) return this.#sound(fromOffset, untilOffset, maxBytes, atLeastOne)',
    replacement: '',
    gate: { file: 'packages/broker/test/scrubber.test.ts' },
  },
  {
    name: 'damage-laundered',
    breaks: 'Compaction writes what is damaged anew, with a checksum that is right.',
    file: 'packages/broker/src/log/log-reads.ts',
    text: 'const bytes = offset < untilOffset ? this.#sound(offset, untilOffset, maxBytes, true) : noBytes',
    replacement: 'const bytes = offset < untilOffset ? this.forClient(offset, untilOffset, maxBytes, true) : noBytes',
    gate: { file: 'packages/broker/test/scrubber.test.ts' },
  },
  {
    name: 'scrubs-as-fast-as-it-can',
    breaks: 'The scrubber takes no notice of its rate.',
    file: 'packages/broker/src/engine/scrubber.ts',
    text: 'this.#creditBytes -= value ?? 0',
    replacement: 'this.#creditBytes -= (value ?? 0) * 0',
    gate: { file: 'packages/broker/test/scrubber.test.ts' },
  },
  {
    name: 'memory-given-back-early',
    breaks: 'The memory of a batch is used again while the batch is on its way to the disk.',
    file: 'packages/broker/src/engine/engine.ts',
    text: '    const committing = this.storage.commit(changes).then(',
    replacement: `    const handedOver = this.storage.commit(changes)
    changes.giveBack()
    const committing = handedOver.then(`,
    gate: { file: 'packages/broker/test/batch-memory.test.ts' },
  },
  {
    name: 'memory-of-others-given-back',
    breaks: 'Memory that units share is used again when the first of them is durable.',
    file: 'packages/broker/src/records/batch-memory.ts',
    text: 'if (--chunk.units > 0) continue',
    replacement: 'chunk.units--',
    gate: { file: 'packages/broker/test/batch-memory.test.ts' },
  },
  {
    name: 'housekeeping-stopped-by-one-place',
    breaks: 'One place that a disk does not give out stops the engine.',
    file: 'packages/broker/src/engine/housekeeping.ts',
    text: 'if (this.#engine.isStopped || !isOfDisk(error)) throw error',
    replacement: "if (!KafkaError.is(error) || error.kafkaName !== 'CORRUPT_MESSAGE') throw error",
    gate: { file: 'packages/broker/test/unreadable.test.ts', tests: 'by' },
  },
  {
    name: 'housekeeping-tells-another-place',
    breaks: 'A batch counts as damaged that was never looked at, beside the one that is.',
    file: 'packages/broker/src/engine/housekeeping.ts',
    text: 'if (log.reads.damagedBatches === 0) log.reads',
    replacement: 'log.reads',
    gate: { file: 'packages/broker/test/unreadable.test.ts', tests: 'at its place alone' },
  },
  {
    name: 'scrubber-stopped-by-one-place',
    breaks: 'Nothing of a log is compared behind the first place that the disk does not give out.',
    file: 'packages/broker/src/engine/scrubber.ts',
    text: "if (!isKafkaError(error, 'CORRUPT_MESSAGE')) log.reads",
    replacement: "if (!isKafkaError(error, 'CORRUPT_MESSAGE')) return log.reads",
    gate: { file: 'packages/broker/test/bad-places.test.ts', tests: 'tells of each' },
  },
  {
    name: 'scrubber-hurries-through-bad-places',
    breaks: 'A disk that fails is asked as fast as it can be.',
    file: 'packages/broker/src/engine/scrubber.ts',
    text: '        yield sliceBytes\n',
    replacement: '',
    gate: { file: 'packages/broker/test/bad-places.test.ts', tests: 'takes its time' },
  },
  {
    name: 'unreadable-batch-taken-for-one-record',
    breaks: 'The rest of a batch that cannot be read counts as another one.',
    file: 'packages/broker/src/log/log-reads.ts',
    text: 'return (this.#storage.lastOffsetOfBatch(this.#logId, offset) ?? offset) + 1',
    replacement: 'return offset + 1',
    gate: { file: 'packages/broker/test/bad-places.test.ts', tests: 'tells of each' },
  },
  {
    name: 'reads-refused-with-their-neighbours',
    breaks: 'Batches are refused that a disk gives out, as one behind them cannot be read.',
    file: 'packages/broker/src/log/log-reads.ts',
    text: 'const first = read(1)',
    replacement: 'const first = read(maxBytes)',
    gate: { file: 'packages/broker/test/unreadable.test.ts', tests: 'is refused to whoever' },
  },
]
