import * as core from '@kafkado/core'
import { withStorage } from '@kafkado/broker/storage'
import { type AnyOperation, seededRandom, StorageError } from '@kafkado/core'
import { batch } from '@kafkado/testing/conformance'
import { describe, expect, it } from 'vitest'
import { type Answer, outcome, requests, type Send, turns, World } from './every-request.ts'
import { HoldingStorage } from './holding-storage.ts'

/** Ids come from a block that was reserved durably, so no crash takes them back; but none may come twice. */
const handedOutOnce = new Set(['initProducerId'])

/** Changes while the disk is held: each of the requests, and those caused by time. */
const changes: Record<string, (world: World) => Promise<unknown>> = {
  nothing: () => Promise.resolve(),
  'time: a session, a transaction': ({ engine }) => engine.clock.advanceAsync(60_000),
  'time: what was long unused': ({ engine }) => engine.clock.advanceAsync('3h'),
}

const names = World.names()
const held = [...names, ...Object.keys(changes)]

describe('an answer that comes before what was changed is durable', () => {
  it('is looked at for every operation', () => {
    const operations = Object.values(core).filter(
      (one): one is AnyOperation => typeof one === 'object' && one !== null && 'apiKey' in one && 'name' in one,
    )
    expect(operations.length).toBeGreaterThan(20)
    expect(operations.map(({ name }) => name).filter((name) => !names.some((one) => one.startsWith(name)))).toEqual([])
  })

  it.each(held)('tells nothing that a crash takes back: %s', async (changing) => {
    for (const asked of names) {
      const world = await World.make(new HoldingStorage())
      const { engine, storage } = world
      const asks = requests(world)
      storage.hold()
      const change = changes[changing]?.(world) ?? outcome((asks[changing] as Send)(engine.transport))
      await turns()
      let answer: Answer | undefined
      const answering = outcome((asks[asked] as Send)(engine.transport)).then((found) => (answer = found))
      await turns()
      if (answer) {
        const restarted = withStorage(await storage.afterCrash(), {
          runtime: { clock: engine.clock, random: seededRandom(2) },
        })
        const expected = await outcome((asks[asked] as Send)(restarted))
        if (handedOutOnce.has(asked)) expect(answer.answered).not.toBe(expected.answered)
        else expect({ [asked]: answer.answered }).toEqual({ [asked]: expected.answered })
        await restarted.close()
      }
      storage.release()
      await Promise.all([change, answering])
      await engine.transport.close()
    }
  })

  it.each(['fetch of u', 'fetch of t, committed'])('%s does not wait for records that others append', async (asked) => {
    const world = await World.make(new HoldingStorage())
    world.storage.hold()
    const asks = requests(world)
    const appends = ['produce', 'produce in the open transaction', 'endTxn, commit'].map((name) =>
      asks[name]?.(world.engine.transport),
    )
    await turns()
    let isAnswered = false
    const answering = asks[asked]?.(world.engine.transport).then(() => (isAnswered = true))
    await turns()
    expect(isAnswered).toBe(true)
    world.storage.release()
    await Promise.all([...appends, answering])
  })

  it('does not come at all when the disk has failed, from whoever would tell what was not kept', async () => {
    const world = await World.make(new HoldingStorage())
    const { transport } = world.engine
    const asks = requests(world)
    world.storage.commit = () => Promise.reject(new Error('no space left'))
    await expect(asks['consumerGroupHeartbeat of a second member']?.(transport)).rejects.toThrow(/no space left/)
    for (const name of ['consumerGroupHeartbeat', 'describeGroups', 'offsetFetch', 'listTransactions'])
      await expect(asks[name]?.(transport)).rejects.toThrow(/no space left/)
    await expect(asks['fetch of u']?.(transport)).resolves.toBeDefined()
  })

  it.each(names)('says that the outcome is unknown when the disk fails, whoever is told first: %s', async (name) => {
    const world = await World.make(new HoldingStorage())
    const { transport } = world.engine
    const rejects: ((error: Error) => void)[] = []
    world.storage.commit = () => new Promise((_, reject) => void rejects.push(reject))
    const copy = (): Promise<unknown> => (requests(world)[name] as Send)(transport).catch((error: unknown) => error)
    const copies = [copy(), copy()]
    await turns()
    if (rejects.length === 0) return
    // Units behind the failing write fail first, and were not written.
    for (const [place, reject] of [...rejects.entries()].reverse())
      reject(new StorageError('a bad disk', { retriable: false, outcome: place === 0 ? 'unknown' : 'failed' }))
    for (const told of [...(await Promise.all(copies)), await copy()])
      expect(told).toMatchObject({ code: 'STORAGE', outcome: 'unknown' })
  })

  it('names no offset where nobody waits for the disk (acks 0)', async () => {
    const world = await World.make(new HoldingStorage())
    const answer = await world.engine.harness.produce('u', batch([{ value: 'c' }]), 0, 0)
    expect(answer).toMatchObject({ errorCode: 0, baseOffset: -1, logStartOffset: -1 })
  })
})
