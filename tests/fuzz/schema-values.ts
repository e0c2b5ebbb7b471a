import type { Schema } from '@kafkado/core/internal'
import type { RandomBytes } from './target.ts'

const texts = ['t', 'u', 'g', 'tx', 'm', '', 'compact', 'x'.repeat(250), 'é']
const integers = [0, 0, 1, 1, -1, -2, 2, 5, 100, 1000, 30_000]

/** A value of the schema. */
export function valueOf({ form }: Schema, random: RandomBytes): unknown {
  switch (form.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(form.shape).flatMap(([name, field]) => {
          const value = valueOf(field, random)
          return value === undefined ? [] : [[name, value]]
        }),
      )
    case 'array':
      return Array.from({ length: random.below(3) }, () => valueOf(form.element, random))
    case 'nullable':
      return random.below(3) === 0 ? null : valueOf(form.inner, random)
    case 'optional':
      return random.below(3) === 0 ? undefined : valueOf(form.inner, random)
    case 'string':
      return random.pick(texts)
    case 'uuid':
      return '00000000-0000-4000-8000-000000000001'
    case 'boolean':
      return random.below(2) === 0
    case 'integer':
      return random.pick(integers)
    case 'choice':
      return random.pick(form.values)
    case 'bytes':
      return new Uint8Array()
  }
}
