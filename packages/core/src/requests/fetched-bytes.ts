interface FetchedTopic {
  readonly partitions: readonly { readonly errorCode: number; readonly records: Uint8Array }[]
}

/** How many bytes of records a fetch has brought. */
export function fetchedBytes(topics: readonly FetchedTopic[]): number {
  let bytes = 0
  for (const { partitions } of topics) for (const { records } of partitions) bytes += records.length
  return bytes
}

/** Whether some partition was refused, which the caller is to hear at once. */
export function hasRefusal(topics: readonly FetchedTopic[]): boolean {
  return topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode !== 0))
}
