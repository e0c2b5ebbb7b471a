import { sampleOrder } from '../sample-records.ts'

/** Keyed records whose bytes are made beforehand, so that no client is measured by the JSON of its user. */
const values: readonly Buffer[] = Array.from({ length: 1000 }, (_, index) =>
  Buffer.from(JSON.stringify(sampleOrder(index))),
)
const keys: readonly Buffer[] = Array.from({ length: 997 }, (_, index) => Buffer.from(`customer-${index}`))

export function valueAt(index: number): Buffer {
  return values[index % values.length] as Buffer
}

export function keyAt(index: number): Buffer {
  return keys[index % keys.length] as Buffer
}

export function messagesBetween(start: number, end: number): { key: Buffer; value: Buffer }[] {
  return Array.from({ length: end - start }, (_, index) => ({
    key: keyAt(start + index),
    value: valueAt(start + index),
  }))
}

/** What the bytes of the first `count` values add up to, in length: a reader that saw all of them finds the same. */
export function bytesOf(count: number): number {
  return sumOf(count, (index) => valueAt(index).length)
}

/**
 * What the amounts in the first `count` values add up to, in cents, so that no order of reading rounds it differently.
 */
export function centsOf(count: number): number {
  return sumOf(count, (index) => centsIn(sampleOrder(index % values.length)))
}

export function centsIn(order: { readonly amount: number }): number {
  return Math.round(order.amount * 100)
}

function sumOf(count: number, of: (index: number) => number): number {
  const sums = values.map((_, index) => of(index) * Math.ceil((count - index) / values.length))
  return sums.reduce((sum, one) => sum + one, 0)
}
