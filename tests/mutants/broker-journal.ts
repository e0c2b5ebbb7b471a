import type { Mutant } from './mutant.ts'

const journal = 'packages/broker/src/storage/journal'
const cuts = { file: 'tests/durability/journal/journal-cuts.test.ts' }
const damage = { file: 'tests/durability/journal/damage.test.ts' }

/** The invariants of the journal, each broken. */
export const brokerJournalMutants: readonly Mutant[] = [
  {
    name: 'journal-applied-before-durable',
    breaks: 'What is in memory, and was acknowledged, is not on the disk yet.',
    file: `${journal}/frame-writer.ts`,
    text: 'await this.#file.append(parts, position)',
    replacement: 'void this.#file.append(parts, position).catch(() => undefined)',
    gate: cuts,
  },
  {
    name: 'journal-sequence-gap',
    breaks: 'A frame that is missing is not noticed.',
    file: `${journal}/replay.ts`,
    text: 'if (frame.sequence !== this.#state.sequence + 1)',
    replacement: 'if (frame.sequence <= this.#state.sequence)',
    gate: damage,
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
    file: `${journal}/replay.ts`,
    text: `    await file.truncate(known.length)
    await file.sync()
`,
    replacement: '    void file\n',
    gate: damage,
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
    name: 'journal-checkpoint-not-synced',
    breaks: 'A checkpoint has its name before it is whole.',
    file: `${journal}/checkpoint-writer.ts`,
    text: `      await file.sync()
`,
    replacement: '',
    gate: cuts,
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
    name: 'journal-file-without-durable-name',
    breaks: 'Frames are acknowledged that lie in a file whose name is not on the disk.',
    file: `${journal}/file-head.ts`,
    text: `    await folder.sync()
`,
    replacement: '',
    gate: cuts,
  },
]
