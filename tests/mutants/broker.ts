import type { Mutant } from './mutant.ts'

export const brokerMutants: readonly Mutant[] = [
  {
    name: 'retention-of-all',
    breaks: 'Topics that are only compacted lose old records.',
    file: 'packages/broker/src/log/log-retention.ts',
    text: 'if (!isDeleted) return log.logStartOffset',
    replacement: '',
    gate: { file: 'tests/engine/retention.test.ts' },
  },
]
