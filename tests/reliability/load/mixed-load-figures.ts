/** The counts of a mixed load that say that each of its kinds has worked. */
export const mixedLoadFigures = [
  'idempotent records acknowledged',
  'plain records acknowledged',
  'transactions committed',
  'commits acknowledged',
] as const
