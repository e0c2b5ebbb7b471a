import { expectTypeOf, it } from 'vitest'
import type { NeedsOf } from './needs.ts'

interface Request {
  readonly groupId: string
  readonly transactionalId: string | null
  readonly topics: { readonly topic: string; readonly partitions: number[] }[]
  readonly resources: readonly { readonly resourceName: string }[]
  readonly groups: string[]
  readonly allWhenNull: string[] | null
  readonly allWhenLeftOut?: string[]
  readonly timeoutMs: number
  readonly partitions: { readonly partition: number }[]
}
type Field = NeedsOf<Request>[number][2]

it('is about fields that name something, and about none where null would ask for everything', () => {
  expectTypeOf<Field>().toEqualTypeOf<'groupId' | 'transactionalId' | 'topics' | 'resources' | 'groups'>()
})

it('is never empty, which would open the operation to everybody', () => {
  expectTypeOf<readonly []>().not.toExtend<NeedsOf<Request>>()
  expectTypeOf<readonly [readonly ['read', 'topic', 'topics']]>().toExtend<NeedsOf<Request>>()
})
