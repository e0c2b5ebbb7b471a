import { expect, it } from 'vitest'
import type { ProducerPlan, ReaderPlan } from './plan/client-plans.ts'
import { planOf } from './plan/draw-plan.ts'
import type { Plan } from './plan/plan.ts'
import { shrink } from './shrink.ts'
import { simulatePlan } from './simulate.ts'
import { noFaults } from './world/faults.ts'

it('a plan that tells a violation is made smaller, and what is left tells the same whenever it is run', async () => {
  const told = await simulatePlan(withSlowReader(planOf(3, 'faults')))
  expect(new Set(told.violations.map(({ kind }) => kind))).toEqual(new Set(['unseen']))
  const shrunk = await shrink(told)
  const { clients, actions, rates, topics } = shrunk.plan
  // The first record is given out, and the second one never.
  expect(clients).toMatchObject([{ kind: 'producer', records: 2 }, { name: 'slow' }])
  expect(actions).toEqual([])
  expect(rates).toEqual(noFaults)
  expect(topics.map(({ partitions }) => partitions)).toEqual([1])
  expect(shrunk.violations.map(({ kind }) => kind)).toEqual(['unseen'])
  expect((await simulatePlan(shrunk.plan)).hash).toBe(shrunk.hash)
})

/** A few records, and one that is to see them all and works on each for longer than anybody waits. */
function withSlowReader(plan: Plan): Plan {
  const producer = plan.clients.find((client) => client.kind === 'producer')
  const reader = planOf(1, 'made anew').clients.find((client) => client.kind === 'reader')
  if (!producer || !reader) throw new Error('these scenarios have them')
  const topics = plan.topics.map(({ topic }) => topic)
  const slow: ReaderPlan = { ...reader, name: 'slow', topics, workMs: 100_000_000, fetchMaxWaitMs: 1000 }
  const few: ProducerPlan = { ...producer, name: 'one', records: 4 }
  const action = { kind: 'stall client', client: 'another', forMs: 500 } as const
  return {
    ...plan,
    clients: [few, { ...few, name: 'another' }, slow],
    actions: [{ atMs: 2000, action }],
    rates: { ...noFaults, 'late answer': 0.1 },
  }
}
