import type { ReadRecord } from './watched-consumer.ts'

/** A tombstone has no value that it could be told by: what the history calls its value is in this header. */
export const tombstoneHeader = 'tombstone'

/** What the history tells a record by. */
export function valueOf({ value, headers }: ReadRecord): string {
  return (value as string | null) ?? headers[tombstoneHeader] ?? ''
}

/** The same of headers that stand in a batch, as text. */
export function valueInHeaders(headers: string): string {
  return (
    headers
      .split(',')
      .find((header) => header.startsWith(`${tombstoneHeader}=`))
      ?.slice(tombstoneHeader.length + 1) ?? ''
  )
}
