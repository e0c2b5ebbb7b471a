import { isObject } from '../config/config-fields.ts'
import { InvalidRequestError } from '../errors/kafka-error.ts'

/**
 * Record batches over HTTP, neither encoded as text nor copied:
 *
 *     u32 header length, big-endian | JSON header | record batches back to back
 *
 * The header is the message. Each partition in it has `byteLength` in place of `records`, in the order of the batches
 * that follow.
 */
export const batchesContentType = 'application/vnd.kafkado.batches.v1'

interface Message {
  topics: { partitions: { records?: unknown; byteLength?: unknown }[] }[]
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The frame of a produce request or a fetch response, as parts to write one after the other. */
export function encodeFrame(message: object): Uint8Array[] {
  const batches: Uint8Array[] = []
  const topics = (message as Message).topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map(({ records, ...partition }) => {
      const batch = records as Uint8Array
      batches.push(batch)
      return { ...partition, byteLength: batch.length }
    }),
  }))
  const header = encoder.encode(JSON.stringify({ ...message, topics }))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, header.length)
  return [length, header, ...batches]
}

/**
 * The message of a frame. Its `records` are slices of the frame.
 *
 * @throws InvalidRequestError when lengths contradict each other, or the header is not JSON of this form
 */
export function decodeFrame(frame: Uint8Array): unknown {
  if (frame.length < 4) throw malformed('it is shorter than 4 bytes')
  const headerLength = new DataView(frame.buffer, frame.byteOffset).getUint32(0)
  let position = 4 + headerLength
  if (position > frame.length)
    throw malformed(`its header of ${headerLength} bytes reaches beyond its ${frame.length} bytes`)
  const message = parse(frame.subarray(4, position))
  for (const { partitions } of message.topics) {
    for (const partition of partitions) {
      const { byteLength } = partition
      if (!Number.isSafeInteger(byteLength) || (byteLength as number) < 0)
        throw malformed('a partition has no byteLength')
      const end = position + (byteLength as number)
      if (end > frame.length) throw malformed('its batches are cut off')
      // Delete before adding: the engine cheaply undoes the last property; deleting any other turns the object into a
      // dictionary.
      delete partition.byteLength
      partition.records = frame.subarray(position, end)
      position = end
    }
  }
  if (position !== frame.length) throw malformed(`it has ${frame.length - position} bytes after the last batch`)
  return message
}

function parse(header: Uint8Array): Message {
  let message: unknown
  try {
    message = JSON.parse(decoder.decode(header))
  } catch {
    throw malformed('its header is not JSON')
  }
  if (!isMessage(message)) throw malformed('its header has no topics with partitions')
  return message
}

function isMessage(value: unknown): value is Message {
  return (
    isObject(value) &&
    Array.isArray(value['topics']) &&
    value['topics'].every(
      (topic) => isObject(topic) && Array.isArray(topic['partitions']) && topic['partitions'].every(isObject),
    )
  )
}

function malformed(detail: string): InvalidRequestError {
  return new InvalidRequestError(`the frame of record batches is malformed: ${detail}`)
}
