import type * as z from 'zod/mini'
import type { RandomBytes } from './target.ts'

const texts = ['t', 'u', 'g', 'tx', 'm', '', 'compact', 'x'.repeat(250), 'é']
const integers = [0, 0, 1, 1, -1, -2, 2, 5, 100, 1000, 30_000]

interface Definition {
  readonly type: string
  readonly format?: string
  readonly shape?: Readonly<Record<string, z.ZodMiniType>>
  readonly element?: z.ZodMiniType
  readonly innerType?: z.ZodMiniType
  readonly options?: readonly z.ZodMiniType[]
}

/** A value of the schema, as the schemas of operations are made. */
export function valueOf(schema: z.ZodMiniType, random: RandomBytes): unknown {
  const definition = schema._zod.def as unknown as Definition
  switch (definition.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(definition.shape ?? {}).flatMap(([name, field]) => {
          const value = valueOf(field, random)
          return value === undefined ? [] : [[name, value]]
        }),
      )
    case 'array':
      return Array.from({ length: random.below(3) }, () => valueOf(definition.element as z.ZodMiniType, random))
    case 'nullable':
      return random.below(3) === 0 ? null : valueOf(definition.innerType as z.ZodMiniType, random)
    case 'optional':
      return random.below(3) === 0 ? undefined : valueOf(definition.innerType as z.ZodMiniType, random)
    case 'union':
      return valueOf(random.pick(definition.options as readonly z.ZodMiniType[]), random)
    case 'string':
      return definition.format === 'guid' ? '00000000-0000-4000-8000-000000000001' : random.pick(texts)
    case 'boolean':
      return random.below(2) === 0
    case 'number':
      return random.pick(integers)
    case 'enum':
    case 'literal':
      return random.pick([...(schema._zod.values as ReadonlySet<unknown>)])
    case 'record':
      return { 'cleanup.policy': 'compact' }
    default:
      // Record batches.
      return new Uint8Array()
  }
}
