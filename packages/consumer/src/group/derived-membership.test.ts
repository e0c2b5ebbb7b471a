import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { KafkaError } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import type { AssignedPartition } from '../partition/topic-partition.ts'
import { DerivedMembership } from './derived-membership.ts'
import type { Membership, MembershipListener } from './membership.ts'

const target: readonly AssignedPartition[] = [{ topic: 'a', topicId: null, partition: 0 }]

/** A membership whose group says what the test decides. */
function derived(
  derive: (assigned: readonly AssignedPartition[]) => Promise<readonly AssignedPartition[]>,
  refreshMs = Infinity,
) {
  let group!: MembershipListener
  const clock = new ManualClock()
  const [taken, acknowledged] = [[] as unknown[], [] as unknown[]]
  const joined = {
    start: (listener: MembershipListener) => {
      group = listener
    },
    idle: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    acknowledge: (owned: unknown) => acknowledged.push(owned),
  } as unknown as Membership
  const membership = new DerivedMembership({ group: joined, derived: { of: derive, refreshMs }, runtime: { clock } })
  membership.start({
    onAssignment: (partitions) => Promise.resolve(void taken.push(partitions)),
    onLost: () => Promise.resolve(void taken.push('lost')),
    onFailure: (error) => taken.push(error),
  })
  return { group, membership, taken, acknowledged, clock }
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
  // By now it asks for the derived partitions.
  await turn()
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

describe('what was assigned is looked at again', () => {
  const both = [...target, { topic: 'b', topicId: null, partition: 0 }]
  const aborted = AbortSignal.abort()

  it.each(['after a while', 'as the group goes on to another epoch'])('%s, as it may lead to more', async (when) => {
    let read: readonly AssignedPartition[] = target
    const { group, membership, taken, clock } = derived(() => Promise.resolve(read), 1000)
    await group.onAssignment(target)
    read = both
    if (when === 'after a while') clock.advance(1000)
    else group.onEpoch?.()
    await membership.idle()
    expect(taken).toEqual([target, both])
    await membership.leave(aborted, aborted)
  })

  it('in turn with what is assigned, which counts', async () => {
    const next = [{ topic: 'a', topicId: null, partition: 1 }]
    const { group, membership, taken } = derived((assigned) => Promise.resolve(assigned))
    await group.onAssignment(target)
    group.onEpoch?.()
    await group.onAssignment(next)
    await membership.idle()
    expect(taken).toEqual([target, next])
  })

  it.each([
    [true, []],
    [false, [expect.any(KafkaError)]],
  ])('and an error that is retriable (%s) keeps what is read', async (retriable, told) => {
    let error: KafkaError | undefined
    const { group, membership, taken, clock } = derived(
      () => (error ? Promise.reject(error) : Promise.resolve(target)),
      1000,
    )
    await group.onAssignment(target)
    error = new KafkaError('no answer', { code: 'TIMEOUT', retriable })
    clock.advance(1000)
    await membership.idle()
    expect(taken).toEqual([target, ...told])
    error = undefined
    clock.advance(1000)
    await membership.idle()
    expect(taken).toEqual([target, ...told, target])
    await membership.leave(aborted, aborted)
  })

  it('and not any more when it leaves', async () => {
    const { group, membership, taken, clock } = derived(() => Promise.resolve(target), 1000)
    await group.onAssignment(target)
    await membership.leave(aborted, aborted)
    clock.advance(10_000)
    group.onEpoch?.()
    await membership.idle()
    expect(taken).toEqual([target])
  })
})
