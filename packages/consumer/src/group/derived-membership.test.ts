import { expect, it } from 'vitest'
import type { AssignedPartition } from '../topic-partition.ts'
import { DerivedMembership } from './derived-membership.ts'
import type { Membership, MembershipListener } from './membership.ts'

const target: readonly AssignedPartition[] = [{ topic: 'a', topicId: null, partition: 0 }]

/** A membership whose group says what a test has it say. */
function derived(derive: () => Promise<readonly AssignedPartition[]>) {
  let group!: MembershipListener
  const [taken, acknowledged] = [[] as unknown[], [] as unknown[]]
  const membership = new DerivedMembership(
    {
      start: (listener: MembershipListener) => {
        group = listener
      },
      acknowledge: (owned: unknown) => acknowledged.push(owned),
    } as unknown as Membership,
    derive,
  )
  membership.start({
    onAssignment: (partitions) => Promise.resolve(void taken.push(partitions)),
    onLost: () => Promise.resolve(void taken.push('lost')),
    onFailure: (error) => taken.push(error),
  })
  return { group, membership, taken, acknowledged }
}

it('an assignment is read as it is derived, and owned as it was assigned', async () => {
  const read = [...target, { topic: 'b', topicId: null, partition: 0 }]
  const { group, taken, acknowledged } = derived(() => Promise.resolve(read))
  await group.onAssignment(target)
  expect({ taken, acknowledged }).toEqual({ taken: [read], acknowledged: [target] })
})

it.each(['derived', 'failed'])('an assignment that was lost meanwhile is not taken when it is %s', async (how) => {
  let settle: readonly [(derived: readonly AssignedPartition[]) => void, (error: Error) => void] | undefined
  const deriving = new Promise<readonly AssignedPartition[]>((...both) => {
    settle = both
  })
  const { group, taken, acknowledged } = derived(() => deriving)
  const assigning = group.onAssignment(target)
  await group.onLost()
  if (how === 'derived') settle?.[0](target)
  else settle?.[1](new Error('no answer'))
  await assigning
  expect({ taken, acknowledged }).toEqual({ taken: ['lost'], acknowledged: [] })
})

it('what is given up on the way is owned until it is not read any more', async () => {
  const { group, membership, acknowledged } = derived(() => Promise.resolve(target))
  await group.onAssignment(target)
  const next = [{ topic: 'a', topicId: null, partition: 1 }]
  const assigning = group.onAssignment(next)
  membership.acknowledge(target)
  membership.acknowledge([])
  await assigning
  expect(acknowledged).toEqual([target, [...target, ...next], next, next])
})
