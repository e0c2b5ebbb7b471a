import { type AnyOperation, InvalidRequestError } from '@kafkado/core'
import { allOperations, type Schema, schemasOf } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { batch, errorNumber, type GetHarness } from './harness/harness.ts'

/**
 * What Kafka does with an element that a request names more than once, for every operation that lists some. Where Kafka
 * refuses it `one by one`, so does every transport. All others refuse the whole request: an answer for each repetition
 * costs the server more than the request, and one for the last alone would hide that the others are lost.
 */
const inKafka: Readonly<Record<string, 'one by one' | 'an answer each' | 'one answer' | 'the last counts'>> = {
  produce: 'the last counts',
  fetch: 'the last counts',
  // Each repeated partition with INVALID_REQUEST. Here that would let one request ask for a search again and again.
  listOffsets: 'one by one',
  metadata: 'one answer',
  offsetCommit: 'an answer each',
  offsetFetch: 'an answer each',
  createTopics: 'one by one',
  deleteTopics: 'one by one',
  deleteRecords: 'the last counts',
  offsetForLeaderEpoch: 'an answer each',
  addPartitionsToTxn: 'one answer',
  txnOffsetCommit: 'the last counts',
  describeConfigs: 'an answer each',
  createPartitions: 'one by one',
  deleteGroups: 'one answer',
  incrementalAlterConfigs: 'one by one',
  offsetDelete: 'an answer each',
  describeProducers: 'an answer each',
  describeTransactions: 'an answer each',
  describeGroups: 'an answer each',
}

const listing = allOperations.filter(({ elements }) => elements)
const refusedWhole = ({ name }: AnyOperation): boolean => inKafka[name] !== 'one by one' || name === 'listOffsets'

type Entry = string | Record<string, unknown>

/** A valid request whose strings are all `name`. */
function example({ form }: Schema, name: string): unknown {
  switch (form.type) {
    case 'object':
      return Object.fromEntries(Object.entries(form.shape).map(([field, inner]) => [field, example(inner, name)]))
    case 'array':
      return [example(form.element, name)]
    case 'nullable':
      return form.inner.form.type === 'array' ? example(form.inner, name) : null
    case 'optional':
      return undefined
    case 'integer':
      return Math.max(form.minimum, 0)
    case 'choice':
      return form.values[0]
    case 'uuid':
    case 'string':
      return name
    case 'boolean':
      return false
    case 'bytes':
      return batch([{ value: 'a' }])
  }
}

/** The list of a request with the first entry repeated: beside itself, behind another, and within a topic. */
function repetitions(entry: Entry, other: Entry): (readonly Entry[])[] {
  const beside = [entry, entry]
  const apart = [entry, other, entry]
  if (typeof entry === 'string' || !Array.isArray(entry['partitions'])) return [beside, apart]
  const [partition] = entry['partitions'] as unknown[]
  const next = typeof partition === 'number' ? 1 : { ...(partition as object), partition: 1 }
  const within = { ...entry, partitions: [partition, next, partition] }
  return [beside, apart, [within], [other, { ...entry, partitions: [next, partition] }, entry]]
}

/** Requests that name an element more than once. */
export function repeatedElementCases(get: GetHarness): void {
  const requestsOf = (operation: AnyOperation, name: string): object[] => {
    const asked = operation.elements?.asked as string
    const request = example(schemasOf(operation).request, name) as Record<string, Entry[]>
    const others = example(schemasOf(operation).request, `${name}-other`) as Record<string, Entry[]>
    return repetitions(request[asked]?.[0] as Entry, others[asked]?.[0] as Entry).map((list) => ({
      ...request,
      ...(operation.name === 'produce' ? { acks: 1 } : {}),
      [asked]: list,
    }))
  }

  describe('an element that a request names more than once', () => {
    it('is looked at in every operation that lists some', () => {
      expect(Object.keys(inKafka).toSorted()).toEqual(listing.map(({ name }) => name).toSorted())
    })

    it.each(listing.filter(refusedWhole).map((operation) => [operation.name, operation] as const))(
      'refuses the whole %s request',
      async (name, operation) => {
        const named = get().name()
        for (const request of requestsOf(operation, named)) {
          const refusal: unknown = await get()
            .transport.send(operation, request)
            .then(
              (answer) => `answered ${JSON.stringify(answer)}`,
              (error: unknown) => error,
            )
          expect(refusal).toBeInstanceOf(InvalidRequestError)
          expect(refusal).toMatchObject({ outcome: 'failed', retriable: false })
          expect((refusal as Error).message).toContain(`the ${name} request is not valid: it names `)
          expect((refusal as Error).message).toMatch(new RegExp(`'${named}'( partition 0)? more than once`))
        }
      },
    )

    it.each(listing.filter((operation) => !refusedWhole(operation)).map((operation) => [operation.name, operation]))(
      'is refused by itself in %s',
      async (_, operation) => {
        const named = get().name()
        for (const request of requestsOf(operation as AnyOperation, named)) {
          // Apache Kafka answers REQUEST_TIMED_OUT to a request that leaves it no time.
          const patient = 'timeoutMs' in request ? { ...request, timeoutMs: 30_000 } : request
          const answer = (await get().transport.send(operation as AnyOperation, patient)) as Record<string, unknown>
          const answers = answer[(operation as AnyOperation).elements?.answered as string] as Record<string, unknown>[]
          const own = answers.filter(({ topic, resourceName }) => (topic ?? resourceName) === named)
          expect(own.length).toBeGreaterThan(0)
          for (const { errorCode } of own) expect(errorCode).toBe(errorNumber('INVALID_REQUEST'))
        }
      },
    )
  })
}
