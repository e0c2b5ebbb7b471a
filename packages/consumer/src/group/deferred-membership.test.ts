import { ManualClock, seededRandom } from '@kafkado/core'
import { loadPart } from '@kafkado/core/internal'
import { expect, it } from 'vitest'
import type { AssignedPartition } from '../partition/topic-partition.ts'
import { DeferredMembership } from './deferred-membership.ts'
import { type Membership, type MembershipListener, noListener, noMember } from './membership.ts'

const partition: AssignedPartition = { topic: 'orders', topicId: null, partition: 0 }

/** Notes its calls. */
class Loaded implements Membership {
  readonly identity = noMember
  readonly lastAnswerMs = undefined
  readonly lookUps = 3
  readonly problem = 'its own'
  readonly calls: unknown[] = []

  start(listener: MembershipListener): void {
    this.calls.push(['start', listener])
  }

  acknowledge(owned: readonly AssignedPartition[]): void {
    this.calls.push(['acknowledge', owned])
  }

  heartbeat(): Promise<void> {
    this.calls.push(['heartbeat'])
    return Promise.resolve()
  }

  idle(): Promise<void> {
    this.calls.push(['idle'])
    return Promise.resolve()
  }

  leave(): Promise<void> {
    this.calls.push(['leave'])
    return Promise.resolve()
  }
}

/** A page that is offline for the first `failures` attempts. */
function deferred(failures: number) {
  const clock = new ManualClock()
  const loaded = new Loaded()
  let attempts = 0
  const membership = new DeferredMembership({ clock, random: seededRandom(1) }, () =>
    loadPart('a test', () => (attempts++ < failures ? Promise.reject(new Error('offline')) : Promise.resolve(loaded))),
  )
  return { clock, loaded, membership, attempts: () => attempts }
}

const never = new AbortController().signal

it('starts what it loads, and hands on every call', async () => {
  const { clock, loaded, membership } = deferred(0)
  membership.start(noListener)
  await clock.advanceAsync(0)
  membership.acknowledge([partition])
  await membership.heartbeat()
  await membership.idle()
  await membership.leave(never, never)
  expect(loaded.calls).toEqual([
    ['start', noListener],
    ['acknowledge', [partition]],
    ['heartbeat'],
    ['idle'],
    ['leave'],
  ])
  expect([membership.lookUps, membership.problem]).toEqual([3, 'its own'])
})

it('loads again until that succeeds, and says meanwhile why it does not read', async () => {
  const { clock, loaded, membership, attempts } = deferred(20)
  membership.start(noListener)
  await clock.advanceAsync(0)
  expect([attempts(), membership.lookUps]).toEqual([1, 0])
  expect(membership.problem).toMatchObject({ code: 'DISCONNECTED', retriable: true, outcome: 'failed' })
  await Promise.all([membership.heartbeat(), membership.idle()])
  await clock.advanceAsync('5m')
  expect([attempts(), loaded.calls]).toEqual([21, [['start', noListener]]])
})

it('ends at once when it is left while it waits, and starts nothing that comes later', async () => {
  const { clock, loaded, membership, attempts } = deferred(1)
  membership.start(noListener)
  await clock.advanceAsync(0)
  await membership.leave(never, never)
  await clock.advanceAsync('5m')
  expect([attempts(), loaded.calls, clock.pendingTimers]).toEqual([1, [], 0])

  const late = deferred(0)
  late.membership.start(noListener)
  await late.membership.leave(never, never)
  await late.clock.advanceAsync('5m')
  expect(late.loaded.calls).toEqual([])
})
