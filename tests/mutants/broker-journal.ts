import type { Mutant } from './mutant.ts'

const journal = 'packages/broker/src/storage/journal'
const cuts = { file: 'tests/durability/journal/journal-cuts.test.ts' }
const damage = { file: 'tests/durability/journal/damage.test.ts' }

/** The invariants of the journal, each broken; in their order. */
export const brokerJournalMutants: readonly Mutant[] = [
  {
    name: 'journal-applied-before-durable',
    breaks: 'What is in memory, and was acknowledged, is not on the disk yet.',
    file: `${journal}/frame-writer.ts`,
    text: 'await this.#file.append(parts, position, zeros)',
    replacement: 'void this.#file.append(parts, position, zeros).catch(() => undefined)',
    gate: cuts,
  },
  {
    name: 'journal-applied-before-written',
    breaks: 'Readers and checkpoints get what a crash can take back.',
    file: `${journal}/frame-writer.ts`,
    text: `    await this.#file.append(parts, position, zeros)
    if (zeros) this.#zeroedUntil = end + zeros.length
    this.writtenBytes += length + (zeros?.length ?? 0)
    known.length = end
    const { start } = known.head
    state.apply(operations, sequence, start + position + payloadAt, start + end)
`,
    replacement: `    const { start } = known.head
    state.apply(operations, sequence, start + position + payloadAt, start + end)
    await this.#file.append(parts, position, zeros)
    if (zeros) this.#zeroedUntil = end + zeros.length
    this.writtenBytes += length + (zeros?.length ?? 0)
    known.length = end
`,
    gate: cuts,
  },
  {
    name: 'journal-goes-on-after-failure',
    breaks: 'More is acknowledged behind a write of which nobody knows what became.',
    file: `${journal}/group-commit.ts`,
    text: 'if (this.#failure) return Promise.reject(notWritten(this.#failure))',
    replacement: '',
    gate: { ...cuts, tests: 'nothing more behind a write that failed' },
  },
  {
    name: 'journal-removal-of-what-follows',
    breaks: 'What comes behind a removal is taken for what is removed.',
    file: `${journal}/group-commit.ts`,
    text: "if (removes && !('removal' in unit)) break",
    replacement: '',
    gate: { file: 'tests/durability/journal/removals.test.ts' },
  },
  {
    name: 'journal-sequence-gap',
    breaks: 'A frame that is missing is not noticed.',
    file: `${journal}/replay.ts`,
    text: 'if (frame.sequence !== this.#state.sequence + 1)',
    replacement: 'if (frame.sequence <= this.#state.sequence)',
    gate: { ...damage, tests: 'a frame was taken out' },
  },
  {
    name: 'journal-end-of-complete-file-unchecked',
    breaks: 'Frames are missing at the end of a file, and those of the next one count.',
    file: `${journal}/replay.ts`,
    text: 'if (!isWhole)',
    replacement: 'if (next.start < 0)',
    gate: damage,
  },
  {
    name: 'journal-missing-file-between-others',
    breaks: 'The files behind one that is missing are taken for leftovers, and removed.',
    file: `${journal}/recovery.ts`,
    text: 'if (later !== undefined)',
    replacement: 'if (later === -1)',
    gate: { ...damage, tests: 'between others is missing' },
  },
  {
    name: 'journal-damage-as-torn-tail',
    breaks: 'Sound frames behind a damaged one are cut off with it.',
    file: `${journal}/replay.ts`,
    text: 'if (later !== undefined)',
    replacement: 'if (later === -1)',
    gate: damage,
  },
  {
    name: 'journal-torn-tail-kept',
    breaks: 'What a torn write has left stays behind the frames.',
    file: `${journal}/open-journal.ts`,
    text: 'if (isTorn) {',
    replacement: 'if (length < 0) {',
    gate: damage,
  },
  {
    name: 'journal-served-before-synced',
    breaks: 'What a killed process has left with the operating system is served, and a power cut takes it back.',
    file: `${journal}/open-journal.ts`,
    text: `  await (file as JournalFile).sync()
  note.write(`,
    replacement: '  note.write(',
    gate: { ...cuts, tests: 'before it is served' },
  },
  {
    name: 'journal-torn-batch-accepted',
    breaks: 'A frame counts of which only the head is whole.',
    file: `${journal}/replay.ts`,
    text: 'if (unsoundAt !== undefined) return',
    replacement: 'if (unsoundAt === -1) return',
    gate: cuts,
  },
  {
    name: 'journal-batch-covered-by-its-header-alone',
    breaks: 'A batch counts whose records were torn.',
    file: `${journal}/frame-operations.ts`,
    text: 'return !isRecordBatch(batch) || crc32c(batch, at.attributes) === readU32(batch, at.crc)',
    replacement: 'return true',
    gate: { ...damage, tests: 'any frame but the last' },
  },
  {
    name: 'journal-frame-checksum-ignored',
    breaks: 'A frame counts whose head or descriptor is not as it was written.',
    file: `${journal}/frame.ts`,
    text: 'return crc32c(headAndDescriptor, 8) === headAndDescriptor.readUInt32LE(4)',
    replacement: 'return headAndDescriptor.length > 0',
    gate: { ...damage, tests: 'any frame but the last' },
  },
  {
    name: 'journal-frame-of-another-file',
    breaks: 'Bytes that somebody stores count as frames of the journal.',
    file: `${journal}/frame.ts`,
    text: 'head.readUInt32LE(0) !== magic || head.readUInt32LE(8) !== nonce',
    replacement: 'head.readUInt32LE(0) !== magic || nonce < 0',
    gate: { ...damage, tests: 'frame that somebody stores' },
  },
  {
    name: 'journal-checkpoint-not-synced',
    breaks: 'A checkpoint has its name before it is whole.',
    file: `${journal}/checkpoint-writer.ts`,
    text: `      await file.sync()
`,
    replacement: '',
    gate: cuts,
  },
  {
    name: 'journal-checkpoint-without-durable-name',
    breaks: 'Files go by a checkpoint whose name is not on the disk.',
    file: `${journal}/checkpoint-writer.ts`,
    text: `name)
      await this.#folder.sync()
`,
    replacement: 'name)\n',
    gate: { ...cuts, tests: 'removes no file before' },
  },
  {
    name: 'journal-changes-of-failed-checkpoint-lost',
    breaks: 'Metadata that went to a checkpoint for which there was no room is in no other one.',
    file: `${journal}/checkpoint-writer.ts`,
    text: 'this.#hasLostChanges = true',
    replacement: 'this.#hasLostChanges = false',
    gate: cuts,
  },
  {
    name: 'journal-unlinked-against-older-checkpoint',
    breaks: 'Files go that the checkpoint on the disk still needs.',
    file: `${journal}/checkpoint-writer.ts`,
    text: "file = this.#folder.create(`${name}.new`, 'synced')",
    replacement: "await this.#removeOld(cut)\n      file = this.#folder.create(`${name}.new`, 'synced')",
    gate: cuts,
  },
  {
    name: 'journal-live-file-unlinked',
    breaks: 'A file goes in which something still counts.',
    file: `${journal}/checkpoint-writer.ts`,
    text: 'file !== files.last && file.liveBytes === 0)',
    replacement: 'file !== files.last && file.liveBytes < 1000)',
    gate: cuts,
  },
  {
    name: 'journal-missing-live-file-accepted',
    breaks: 'A file is gone in which something counts, and the rest is served.',
    file: `${journal}/recovery.ts`,
    text: 'if (liveBytes === 0 && !isLast) return',
    replacement: 'if (!isLast) return',
    gate: damage,
  },
  {
    name: 'journal-move-of-another-batch',
    breaks: 'A batch that was replaced while it was copied comes back.',
    file: `${journal}/journal-state.ts`,
    text: 'batches.row(place)[1] === movedFrom[index]',
    replacement: 'movedFrom.length > 0',
    gate: cuts,
  },
  {
    name: 'journal-shorter-file-accepted',
    breaks: 'A file that was cut off is taken for whole.',
    file: `${journal}/recovery.ts`,
    text: 'if (bytes < length)',
    replacement: 'if (bytes < 0)',
    gate: damage,
  },
  {
    name: 'journal-acknowledged-ignored',
    breaks: 'After a kill a file that was cut in half passes as a torn tail.',
    file: `${journal}/replay.ts`,
    text: 'this.#acknowledged.sequence > sequence',
    replacement: 'this.#acknowledged.sequence < 0',
    gate: damage,
  },
  {
    name: 'journal-note-not-kept',
    breaks: 'Nothing says what was acknowledged.',
    file: `${journal}/frame-writer.ts`,
    text: 'this.#note.write({ sequence, end: start + end })',
    replacement: '',
    gate: damage,
  },
  {
    name: 'journal-note-says-too-much',
    breaks: 'A torn write is taken for damage, because the note was ahead of it.',
    file: `${journal}/frame-writer.ts`,
    text: 'await this.#file.append(parts, position, zeros)',
    replacement:
      'this.#note.write({ sequence, end: known.head.start + end })\n    await this.#file.append(parts, position, ' +
      'zeros)',
    gate: cuts,
  },
  {
    name: 'journal-note-unchecked',
    breaks: 'A note that was torn has a sound journal refused.',
    file: `${journal}/acknowledged-note.ts`,
    text: 'bytes.readUInt32LE(24) !== crc32c(bytes, 0, 24)',
    replacement: 'bytes.length < 28',
    gate: { ...damage, tests: 'note of what was acknowledged' },
  },
  {
    name: 'journal-file-without-durable-name',
    breaks: 'Frames are acknowledged that lie in a file whose name is not on the disk.',
    file: `${journal}/file-head.ts`,
    text: `    await folder.sync()
`,
    replacement: '',
    gate: cuts,
  },
  {
    name: 'journal-read-of-before',
    breaks: 'A reader gets a batch that was replaced while its place was brought near.',
    file: `${journal}/journal.ts`,
    text: 'prepared?.sequence === sequence &&',
    replacement: 'prepared !== undefined &&',
    gate: { file: 'packages/broker/test/cold-reads.test.ts' },
  },
  {
    name: 'journal-read-of-another-place',
    breaks: 'A reader gets what was read for another one, as it is as long.',
    file: `${journal}/batch-reads.ts`,
    text: `this.#pieces.length === other.#pieces.length &&
      this.#pieces.every((piece, index) => isSamePiece(piece, other.#pieces[index] as Piece))`,
    replacement: 'this.#pieces.length > 0',
    gate: { file: 'packages/broker/test/cold-reads.test.ts', tests: 'gives out what is there' },
  },
  {
    name: 'journal-reads-held-without-end',
    breaks: 'What was read for readers who never come for it fills the memory.',
    file: `${journal}/cold-reads.ts`,
    text: 'return this.#heldBytes + bytes <= mostHeldBytes',
    replacement: 'return true',
    gate: { file: 'packages/broker/test/cold-reads.test.ts', tests: 'keeps little' },
  },
  {
    name: 'journal-stopped-by-one-place',
    breaks: 'One place that a disk does not give out stops all writing, again after each restart.',
    file: `${journal}/cleaning.ts`,
    text: 'if (this.#isOver() || !isUnreadable(error)) throw error',
    replacement: 'throw error',
    gate: { file: 'tests/durability/journal/unreadable-files.test.ts' },
  },
  {
    name: 'journal-address-of-nothing',
    breaks: 'An index leads to an address that no file has, and whoever reads there is told of neither file nor byte.',
    file: `${journal}/checkpoint-files.ts`,
    text: 'isCount(second) && isCount(third) && this.#journals.has(second, third)',
    replacement: 'second >= -1 && third >= -1',
    gate: { file: 'tests/fuzz/folders/sealed-journal.test.ts', tests: 'impossible address' },
  },
]
