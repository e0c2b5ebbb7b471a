import { memory } from '@kafkado/broker'
import { type AnyOperation, createTopics, http, initProducerId, listOffsets, type Transport } from '@kafkado/core'
import { allOperations, schemasOf } from '@kafkado/core/internal'
import { createHandler } from '@kafkado/server'
import { batch } from '@kafkado/testing/conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

type Schema = ReturnType<typeof schemasOf>['request']

/** A request that goes as far as it can: all strings name what is there. */
function example({ form }: Schema): unknown {
  switch (form.type) {
    case 'object':
      return Object.fromEntries(Object.entries(form.shape).map(([name, field]) => [name, example(field)]))
    case 'array':
      return [example(form.element)]
    case 'nullable':
      // Ids of topics say nothing where a name is there.
      return form.inner.form.type === 'uuid' ? null : example(form.inner)
    case 'optional':
      return example(form.inner)
    case 'integer':
      return Math.max(form.minimum, 0)
    case 'choice':
      return form.values[0]
    case 'string':
      return 'there'
    case 'uuid':
      return '00000000-0000-0000-0000-000000000001'
    case 'boolean':
      return false
    case 'bytes':
      return batch([{ value: 'a' }])
  }
}

type Path = readonly (string | number)[]

function stringsIn(value: unknown, path: Path = []): Path[] {
  if (value === 'there') return [path]
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return Object.entries(value).flatMap(([name, field]) => stringsIn(field, [...path, name]))
}

function withText(value: unknown, path: Path, text: string): unknown {
  const [name, ...rest] = path
  if (name === undefined) return text
  if (Array.isArray(value)) return value.map((one: unknown) => withText(one, rest, text))
  const fields = value as Record<string, unknown>
  return { ...fields, [name]: withText(fields[name], rest, text) }
}

/** What is said of errors in an answer: names are repeated there, as in Kafka, and texts are not to. */
function errorTextsIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return name === 'errorMessage' ? [value] : []
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  return Object.entries(value).flatMap(([field, inner]) => errorTextsIn(inner, field))
}

async function errorTexts(transport: Transport, operation: AnyOperation, request: unknown): Promise<string[]> {
  try {
    return errorTextsIn(await transport.send(operation, request))
  } catch (error) {
    return [(error as Error).message]
  }
}

describe('an error text', () => {
  const engine = memory()
  const handler = createHandler(engine)
  const transport = http({
    url: 'http://kafkado.test',
    fetch: (url, init) => handler(new Request(url, init)),
    retries: 0,
  })
  beforeAll(async () => {
    const topic = { topic: 'there', numPartitions: 1, replicationFactor: -1, configs: [] }
    await engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics: [topic] })
    const limits = { transactionTimeoutMs: 1000, producerId: -1, producerEpoch: -1 }
    await engine.send(initProducerId, { transactionalId: 'there', ...limits })
  })
  afterAll(async () => {
    await transport.close()
    await engine.close()
  })

  const cases = allOperations.flatMap((operation) => {
    const request = example(schemasOf(operation).request)
    return stringsIn(request).map((path) => [operation.name, path.join('.'), operation, request, path] as const)
  })

  it.each(cases)('of %s is short, however long %s is', async (_name, _field, operation, request, path) => {
    for (const text of ['x'.repeat(200_000), 'ä'.repeat(200_000), `${'/'.repeat(200_000)}=1`])
      for (const said of await errorTexts(transport, operation, withText(request, path, text)))
        expect(said.length).toBeLessThanOrEqual(2000)
  })

  it('of each of many partitions does not repeat a long name', async () => {
    const partitions = Array.from({ length: 2000 }, (_, partition) => ({ partition, timestamp: -1 }))
    const request = { isolationLevel: 'read_committed' as const, topics: [{ topic: 'x'.repeat(100_000), partitions }] }
    const said = await errorTexts(transport, listOffsets, request)
    expect(said).toHaveLength(2000)
    expect(said.join('').length).toBeLessThanOrEqual(2000 * 1000)
  })
})
