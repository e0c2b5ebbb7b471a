import { InvalidRequestError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { parsePlan } from './parse-plan.ts'

const store = {
  name: 'counts',
  kind: 'key-value',
  windowSizeMs: null,
  purpose: 'count',
  changelog: 'app-counts-changelog',
  partitions: 2,
}
const repartition = { topic: 'app-by-name-repartition', reason: 'groupBy', partitions: 0, isForTasks: true }
const plan = { version: 1, application: 'app', stores: [store], repartitions: [repartition] }

describe('the file of a plan', () => {
  it('is read as it was written', () => {
    const positioned = { ...plan, stores: [{ ...store, windowSizeMs: 5, position: { base: 'in', suffix: '1' } }] }
    for (const one of [plan, positioned]) expect(parsePlan(JSON.stringify(one), 'plan.json')).toEqual(one)
  })

  it.each<[string, unknown]>([
    ['it is no object', []],
    ['it is no object', null],
    ['version 2, and this version of kafkado reads version 1', { ...plan, version: 2 }],
    ['it does not name its application', { ...plan, application: undefined }],
    ['stores is no list', { ...plan, stores: {} }],
    ['stores[1] is not as it was written', { ...plan, stores: [store, null] }],
    ['stores[0] is not as it was written', { ...plan, stores: [{ ...store, name: 5 }] }],
    ['stores[0] is not as it was written', { ...plan, stores: [{ ...store, windowSizeMs: '5' }] }],
    ['stores[0] is not as it was written', { ...plan, stores: [{ ...store, position: { base: 'in' } }] }],
    ['repartitions is no list', { ...plan, repartitions: undefined }],
    ['repartitions[0] is not as it was written', { ...plan, repartitions: [{ ...repartition, partitions: -1 }] }],
    ['repartitions[0] is not as it was written', { ...plan, repartitions: [{ ...repartition, isForTasks: 1 }] }],
  ])('is refused by its name: %s (%j)', (problem, content) => {
    const read = (): unknown => parsePlan(JSON.stringify(content), 'plan.json')
    expect(read).toThrow(InvalidRequestError)
    expect(read).toThrow('plan.json')
    expect(read).toThrow(problem)
  })

  it('is refused where it is cut off', () => {
    expect(() => parsePlan(JSON.stringify(plan).slice(0, -1), 'plan.json')).toThrow(/^plan.json is not a plan: /)
  })
})
