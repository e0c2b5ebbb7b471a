/** What all clients fetch with: the defaults of Kafka's own. */
export const fetching = {
  minBytes: 1,
  maxBytes: 50 * 1024 * 1024,
  maxBytesPerPartition: 1024 * 1024,
  maxWaitMs: 500,
  commitIntervalMs: 5000,
} as const

/** From how many bytes on a batch does not wait for more records: the default of Kafka's own. */
export const batchBytes = 16_384

/** How many records may wait for their acknowledgement when they are sent one by one. */
export const waitingRecords = 10_000

export const partitions = 6
