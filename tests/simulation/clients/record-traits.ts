import { readHeaders } from '@kafkado/core/internal'
import type { RecordTraits } from '../history/record-events.ts'
import type { ClientProcess } from './client-process.ts'
import type { ReadRecord } from './watched-consumer.ts'

type Headers = readonly (readonly [name: string, value: Uint8Array | null])[]

/** What a caller gives with a value, beside key and partition. */
export interface GivenTraits {
  readonly headers?: Record<string, string>
  readonly timestamp?: number
}

const decoder = new TextDecoder()

/** Some records have headers, and some a time that is not that of their sending. */
export function drawTraits(process: ClientProcess, order: number): GivenTraits {
  const headers = process.chance(0.5) ? { headers: { origin: process.name, order: String(order) } } : {}
  const agoMs = Math.floor(process.random.next() * 4000)
  return { ...headers, ...(process.chance(0.3) && { timestamp: process.clock.now() - agoMs }) }
}

/** The same for the history, where a producer gives the time of sending if its caller gives none. */
export function traitsGiven({ headers = {}, timestamp }: GivenTraits, process: ClientProcess): RecordTraits {
  const list = Object.entries(headers).map(([name, value]) => `${name}=${value}`)
  return { headers: list.join(), timestamp: timestamp ?? process.clock.now() }
}

/** What a reader is shown of a record beside its value. */
export function traitsRead({ rawKey, rawHeaders, timestamp }: ReadRecord): RecordTraits {
  return { ...(rawKey && { key: decoder.decode(rawKey) }), headers: headersText(rawHeaders), timestamp }
}

/** Those that stand in the bytes of a batch. */
export function headersAt(content: Uint8Array, start: number, count: number): string {
  return headersText(readHeaders(content, start, count))
}

function headersText(headers: Headers): string {
  return headers.map(([name, value]) => (value ? `${name}=${decoder.decode(value)}` : name)).join()
}
