import type { AnyOperation } from '@kafkado/core'
import { type Schema, schemasOf } from '@kafkado/core/internal'
import fc from 'fast-check'

/** What the strings, topic ids and numbers of a request are taken from. */
export interface Pools {
  readonly strings: readonly string[]
  readonly topicIds: readonly string[]
  readonly integers: readonly number[]
  readonly batches: readonly Uint8Array[]
  /** The usual values of single fields, so that many requests are carried out. */
  readonly fields: Readonly<Record<string, readonly unknown[]>>
}

/** Any valid request of an operation, made of these values alone. */
export function anyRequest(operation: AnyOperation, pools: Pools): fc.Arbitrary<object> {
  return valueOf(schemasOf(operation).request, pools) as fc.Arbitrary<object>
}

function valueOf({ form }: Schema, pools: Pools, field = ''): fc.Arbitrary<unknown> {
  const usual = pools.fields[field]
  switch (form.type) {
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(form.shape).map(([name, inner]) => [name, valueOf(inner, pools, name)])),
      )
    case 'array':
      return fc.array(valueOf(form.element, pools, field), { maxLength: 3 })
    case 'nullable':
      return fc.oneof(fc.constant(null), valueOf(form.inner, pools, field))
    case 'optional':
      return fc.oneof(fc.constant(undefined), valueOf(form.inner, pools, field))
    case 'string':
    case 'integer':
      return usual
        ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: leaf(form, pools) })
        : leaf(form, pools)
    case 'uuid':
      return fc.constantFrom(...pools.topicIds)
    case 'boolean':
      return fc.boolean()
    case 'choice':
      return fc.constantFrom(...form.values)
    case 'bytes':
      return fc.constantFrom(...pools.batches)
  }
}

function leaf(form: Schema['form'], { strings, integers }: Pools): fc.Arbitrary<unknown> {
  if (form.type !== 'integer') return fc.constantFrom(...strings)
  return fc.constantFrom(...integers.filter((number) => number >= form.minimum && number <= form.maximum))
}
