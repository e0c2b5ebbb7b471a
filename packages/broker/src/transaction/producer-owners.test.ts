import { expect, it } from 'vitest'
import { Changes } from '../records/changes.ts'
import type { MetadataRecord } from '../storage/metadata-record.ts'
import { ProducerIds } from './producer-ids.ts'

/** Ids of an engine, with what its storage has of their owners. */
function setUp() {
  const ids = new ProducerIds()
  const stored = new Map<number, unknown>()
  const replay = (record: MetadataRecord): void => {
    if (record.kind === 'producerIds') ids.replay(record)
    if (record.kind !== 'producerOwner') return
    ids.owners.replay(record)
    if (record.value) stored.set(record.path[0], record.value)
    else stored.delete(record.path[0])
  }
  const changes = new Changes(replay, () => undefined, undefined)
  return { ids, stored, next: (owner?: string) => ids.next(changes, owner) }
}

it('gives each id once, and remembers owners in as few ranges as there can be', () => {
  const { ids, stored, next } = setUp()
  const given = new Map<number, string | undefined>()
  for (let turn = 0; turn < 5000; turn++) {
    const owner = turn % 3 === 0 && turn < 2000 ? 'b' : turn % 1000 === 7 ? undefined : 'a'
    given.set(next(owner), owner)
  }
  expect(given.size).toBe(5000)
  for (const [id, owner] of given) expect(ids.owners.ownerOf(id)).toBe(owner)
  expect(stored.size).toBeLessThanOrEqual(4)
  expect([ids.owners.ownerOf(0), ids.owners.ownerOf(1e9), ids.owners.mayUse(undefined, 1e9)]).toEqual([
    undefined,
    undefined,
    true,
  ])
})

it('forgets the oldest ids of a principal that has too many, and nobody else', () => {
  const { ids, stored, next } = setUp()
  const quiet = next('quiet')
  const first = next('loud')
  // Two that take turns, so that no two blocks are adjacent.
  let last = first
  for (let count = 0; count < 1_000_500; count++) {
    last = next('loud')
    if (count % 1000 === 0) for (let more = 0; more < 1000; more++) next('also loud')
  }
  expect(stored.size).toBeLessThanOrEqual(2001)
  expect([quiet, first, last].map((id) => ids.owners.ownerOf(id))).toEqual(['quiet', undefined, 'loud'])
})
