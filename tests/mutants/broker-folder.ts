import type { Mutant } from './mutant.ts'

const journal = 'packages/broker/src/storage/journal'
const watch = { file: `${journal}/folder-watch.test.ts` }

/** The folder of a server: removed or replaced beneath it, and taken over from another storage. */
export const brokerFolderMutants: readonly Mutant[] = [
  {
    name: 'journal-replaced-folder-unnoticed',
    breaks: 'Records are acknowledged that go to a file which no name leads to.',
    file: `${journal}/node-folder.ts`,
    text: 'return found !== undefined && (file as NodeFile).inode === found.ino',
    replacement: 'return found !== undefined',
    gate: watch,
  },
  {
    name: 'journal-removed-folder-ignored',
    breaks: 'Records are acknowledged in a folder that was removed.',
    file: `${journal}/folder-watch.ts`,
    text: 'else this.#onGone(name)',
    replacement: 'else this.#schedule()',
    gate: watch,
  },
  {
    name: 'journal-folder-looked-at-too-seldom',
    breaks: 'A second after a folder was removed records are still acknowledged.',
    file: `${journal}/folder-watch.ts`,
    text: 'const lookEveryMs = 400',
    replacement: 'const lookEveryMs = 4000',
    gate: watch,
  },
  {
    name: 'journal-file-of-before-taken-for-gone',
    breaks: 'The journal stops because it has begun its next file.',
    file: `${journal}/folder-watch.ts`,
    text: 'const isThere = file === undefined || (await this.#folder.holds(name, file).catch(() => false))',
    replacement:
      'const isThere = file !== undefined && (await this.#folder.holds(name, file).catch(() => false)) && ' +
      'head.number < 2',
    gate: watch,
  },
  {
    name: 'verify-changes-what-it-verifies',
    breaks: 'A folder of evidence is tidied up by whoever looks at it.',
    file: 'packages/broker/src/folder/verify-folder.ts',
    text: 'await readJournal(disk)',
    replacement: "await (await import('../storage/journal/open-journal.ts')).openJournal(disk, { next: () => 0.5 })",
    gate: { file: 'tests/durability/read-only.test.ts', tests: 'changes nothing either where it could' },
  },
  {
    name: 'convert-loses-what-a-place-hides',
    breaks: 'A batch that says a later offset takes all between with it, and the copy is the same.',
    file: 'packages/broker/src/folder/folder-content.ts',
    text: 'if (baseOffset !== from && !isAfterGap)',
    replacement: 'if (baseOffset < from)',
    gate: { file: 'tests/durability/convert-folder.test.ts', tests: 'its offset' },
  },
  {
    name: 'convert-compares-nothing',
    breaks: 'Damage is taken over and told to nobody.',
    file: 'packages/broker/src/folder/copy-content.ts',
    text: 'verifyChecksum(bytes, header, position)',
    replacement: 'void [bytes, header, position]',
    gate: { file: 'tests/durability/convert-folder.test.ts', tests: 'its value' },
  },
]
