import type { Mutant } from './mutant.ts'

export const messagesMutants: readonly Mutant[] = [
  {
    name: 'rounded-numbers-of-answers',
    breaks: 'A 64-bit number of an answer is rounded.',
    file: 'packages/messages/src/codec/message-reader.ts',
    text: `if (!Number.isSafeInteger(value))
      throw`,
    replacement: `if (Number.isNaN(value))
      throw`,
    gate: { file: 'packages/messages/src/codec/fields.test.ts' },
  },
  {
    name: 'answer-cut-off',
    breaks: 'A field is read beyond the end of the answer.',
    file: 'packages/messages/src/codec/message-reader.ts',
    text: 'if (bytes < 0 || start + bytes > this.#bytes.length)',
    replacement: 'if (bytes < 0)',
    gate: { file: 'packages/messages/src/every-message.test.ts' },
  },
  {
    name: 'fields-of-other-versions',
    breaks: 'A field is written in the version after the last that has it.',
    file: 'packages/messages/src/fields/fields.ts',
    text: 'version <= until',
    replacement: 'version <= until + 1',
    gate: { file: 'packages/messages/src/golden.test.ts' },
  },
  {
    name: 'values-lost-in-old-versions',
    breaks: 'A value that a version has no field for is dropped without a word.',
    file: 'packages/messages/src/codec/struct-codec.ts',
    text: 'for (const member of refused) refuse(member, value, form.version)',
    replacement: '',
    gate: { file: 'packages/messages/src/codec/fields.test.ts' },
  },
]
