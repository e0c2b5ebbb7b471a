export const ways = ['send', 'sendBatch', 'for await', 'batches'] as const
export type Way = (typeof ways)[number]

/** So many are sent or read. */
export const records = 4000

export interface Counted {
  /** What the heap grows by for each record, while nothing is collected. */
  readonly heapBytes: number
  /** What is allocated outside of the heap, for each record. */
  readonly bufferBytes: number
  /** From one buffer into another, for each record. */
  readonly copiedBytes: number
  /** In all. */
  readonly requests: number
}
