import { type EmbeddedTransport, memory } from '@kafkado/broker'
import type { AnyOperation } from '@kafkado/core'
import { allOperations, batchesContentType, encodeFrame, type Schema, schemasOf } from '@kafkado/core/internal'
import { createHandler } from '@kafkado/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Beside names: error fields, and the fields of a partition, a topic or a group. */
const mostBytesEach = 1500

/**
 * How often an answer may repeat the bytes of its request: a name may come back in the answer and in the text of its
 * refusal, and JSON escapes it.
 */
const mostTimes = 3

/** Texts of which a request has one for each partition or topic. */
const isOfEach: ReadonlySet<string> = new Set(['committedMetadata', 'subscribedTopicNames'])

/** A request with as many elements in each list as given, all of whose strings are long. No element is named twice. */
function request({ form }: Schema, elements: number, characters: number, index = 0, field = ''): unknown {
  switch (form.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(form.shape).map(([name, inner]) => [name, request(inner, elements, characters, index, name)]),
      )
    case 'array': {
      const inner = JSON.stringify(form.element.form).includes('"array"') ? 1 : elements
      return Array.from({ length: inner }, (_, place) => request(form.element, elements, characters, place, field))
    }
    case 'nullable':
      return form.inner.form.type === 'uuid' ? null : request(form.inner, elements, characters, index, field)
    case 'optional':
      return undefined
    case 'integer':
      return Math.min(Math.max(form.minimum, index), form.maximum)
    case 'choice':
      return form.values[0]
    case 'uuid':
      return '00000000-0000-4000-8000-000000000001'
    case 'string':
      return `${'n'.repeat(isOfEach.has(field) ? Math.min(characters, 200) : characters)}${index}`
    case 'boolean':
      return false
    case 'bytes':
      return new Uint8Array(1)
  }
}

describe('an answer is not much longer than its request', () => {
  let engine: EmbeddedTransport
  beforeAll(() => {
    engine = memory({ autoCreateTopics: false })
  })
  afterAll(() => engine.close())

  const sizes = [
    { elements: 1000, characters: 100_000, what: 'one long name with 1,000 partitions' },
    { elements: 1000, characters: 200, what: '1,000 names or partitions' },
  ]
  const cases = allOperations.flatMap((operation) =>
    sizes.map((size) => [`${operation.name}: ${size.what}`, operation, size] as const),
  )

  it.each(cases)('%s', async (_, operation: AnyOperation, { elements, characters }) => {
    const handler = createHandler(engine, { limits: { maxBodyBytes: 500_000_000, maxHeartbeatBytes: 500_000_000 } })
    const schema = schemasOf(operation).request
    // Many names of that length would be longer than any body; of these there are a few.
    const isLong = characters > 1000 && !JSON.stringify(schema.form).includes('"partition')
    const wanted = request(schema, isLong ? 20 : elements, characters) as object
    const isFrame = operation.records === 'request'
    const parts = isFrame ? encodeFrame(wanted) : [new TextEncoder().encode(JSON.stringify(wanted))]
    const askedBytes = parts.reduce((sum, part) => sum + part.length, 0)
    const response = await handler(
      new Request(`http://kafkado.test${operation.path}`, {
        method: 'POST',
        headers: { 'content-type': isFrame ? batchesContentType : 'application/json' },
        body: new Blob(parts as BlobPart[]),
      }),
    )
    const { byteLength } = await response.arrayBuffer()
    expect(byteLength).toBeLessThanOrEqual(mostTimes * askedBytes + elements * mostBytesEach)
  })
})
