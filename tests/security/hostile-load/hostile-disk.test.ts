import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EmbeddedTransport } from '@kafkado/broker'
import { withStorage } from '@kafkado/broker/storage'
import { createTopics, http, offsetCommit, seededRandom, systemClock, type Transport } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { apiKeys } from '@kafkado/server'
import { type RunningServer, serve } from '@kafkado/server/node'
import { batch, Harness } from '@kafkado/testing/conformance'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KillableProcess } from '../../reliability/killable-process.ts'
import { mine, pepper, storedKeys, theirs } from '../negatives/place/keys.ts'
import { type SmallDisk, smallDisk, storages } from './small-disk.ts'

const mebibyte = 1024 * 1024
const reserveBytes = 32 * mebibyte
const roomBytes = 64 * mebibyte
const commitPartitions = 1000
/** Beside the second within which the folder is looked at: the attack has its turns too. */
const mostNoticedMs = 3000
const failed = 'the storage has failed, and nothing can be written until a restart'
const silent = 'what is behind the server does not answer'
const attackerFile = fileURLToPath(new URL('attacker-process.ts', import.meta.url))

let folder: string
let disk: SmallDisk
let clock: ManualClock
let engine: EmbeddedTransport
let server: RunningServer
let neighbour: Transport
let attacking: KillableProcess

async function begin(kind: keyof typeof storages): Promise<void> {
  disk = smallDisk(join(folder, 'data'), storages[kind])
  clock = new ManualClock()
  const runtime = { clock, random: seededRandom(1) }
  engine = withStorage(disk.storage, { minFreeBytes: reserveBytes, cleanupInterval: '30d', runtime })
  const topics = Object.entries({ mine: commitPartitions, theirs: 1 }).map(([topic, numPartitions]) => ({
    topic,
    numPartitions,
    replicationFactor: -1,
    configs: [],
  }))
  await engine.send(createTopics, { timeoutMs: 1000, validateOnly: false, topics })
  server = await serve({
    transport: engine,
    port: 0,
    keys: apiKeys({ pepper, keys: storedKeys }),
    audit: () => undefined,
    log: () => undefined,
    drainTimeout: 0,
  })
  neighbour = http({ url: server.url, apiKey: theirs.secret, retries: 0 })
  attacking = new KillableProcess(attackerFile, `${server.port}`, mine.secret, '1')
  await attacking.message()
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-hostile-disk-'))
})
afterEach(async () => {
  await attacking[Symbol.asyncDispose]()
  await neighbour.close()
  await server.close()
  await engine.close().catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
})

async function readiness(): Promise<{ status: number } & Record<string, unknown>> {
  const response = await fetch(`${server.url}/readyz`)
  const told = (await response.json()) as Record<string, unknown>
  return { ...told, status: response.status }
}

/** A commit of 4 MB, which is one request of one key. */
async function commitMuch(transport: Transport, index: number): Promise<unknown> {
  const partitions = Array.from({ length: commitPartitions }, (_, partition) => ({
    partition,
    committedOffset: 0,
    committedLeaderEpoch: -1,
    committedMetadata: `${index}`.padEnd(4000, 'x'),
  }))
  const member = { memberId: '', memberEpoch: -1, groupInstanceId: null }
  const asked = { groupId: `mine-big-${index}`, ...member, topics: [{ topic: 'mine', partitions }] }
  return transport.send(offsetCommit, asked).then(
    () => undefined,
    (error: unknown) => error,
  )
}

const harness = (): Harness => new Harness(neighbour, 'neighbour')

describe.each(Object.keys(storages) as (keyof typeof storages)[])('while a key attacks a server on %s', (kind) => {
  it('commits of 4 MB do not take the reserve of the disk, and are refused in time', { timeout: 120_000 }, async () => {
    await begin(kind)
    await harness().produceEach('theirs', 'before')
    disk.capacityBytes = disk.capacityBytes - (await disk.leftBytes()) + reserveBytes + roomBytes
    // Written, so that the engine measures what is left.
    await harness().produceEach('theirs', 'measured')
    const attacker = http({ url: server.url, apiKey: mine.secret, retries: 0 })
    const refusals: unknown[] = []
    let leastLeft = Number.POSITIVE_INFINITY
    let told: Record<string, unknown> = {}
    for (let index = 0; index < 60 && !(told['isNearlyFull'] && refusals.length > 0); index += 4) {
      const answers = await Promise.all([0, 1, 2, 3].map((more) => commitMuch(attacker, index + more)))
      refusals.push(...answers.filter((answer) => answer !== undefined))
      leastLeft = Math.min(leastLeft, await disk.leftBytes())
      told = await readiness()
    }
    await attacker.close()
    expect(refusals[0]).toMatchObject({ code: 'STORAGE' })
    // What was under way when the room was measured may take a little of the reserve.
    expect(leastLeft).toBeGreaterThan(reserveBytes / 2)
    expect(told).toMatchObject({ status: 200, isNearlyFull: true })
    expect((await harness().values('theirs')).slice(0, 1)).toEqual(['before'])
    disk.capacityBytes += 1024 * mebibyte
    for (let refused = true; refused; await turn())
      refused = await harness()
        .produceEach('theirs', 'after')
        .then(
          () => false,
          () => true,
        )
    // What is left is measured again, as the attack goes on.
    for (told = await readiness(); told['isNearlyFull']; told = await readiness()) await turn()
    expect(told).toEqual({ status: 200 })
  })

  // A database keeps its pages in memory, and finds no damage in them.
  it.skipIf(kind === 'sqlite')('damage that the scrubber finds is told by /readyz', { timeout: 60_000 }, async () => {
    await begin(kind)
    const value = 'what the disk will change'
    await harness().produce('theirs', batch([{ value }]))
    await damage(join(folder, 'data'), value)
    let told = await readiness()
    for (; told['damagedBatches'] === undefined; told = await readiness()) await clock.advanceAsync('61s')
    expect(told).toMatchObject({ status: 200, damagedBatches: 1 })
    await harness().produceEach('theirs', 'after')
  })

  it('a folder that is removed is noticed within a second, refuses, and is told by /readyz', async () => {
    await begin(kind)
    await harness().produceEach('theirs', 'before')
    await rm(join(folder, 'data'), { recursive: true })
    const removedMs = systemClock.monotonic()
    let told = await readiness()
    for (; told.status === 200; told = await readiness()) await turn()
    expect(systemClock.monotonic() - removedMs).toBeLessThan(mostNoticedMs)
    // Where something was being written as the storage failed, the engine refuses whatever it is asked.
    expect(told.status).toBe(503)
    expect([failed, silent]).toContain(told['detail'])
    await expect(harness().produceEach('theirs', 'lost')).rejects.toMatchObject({ code: 'STORAGE', retriable: false })
  })
})

/** Changes one byte of the text wherever a file of the folder has it. */
async function damage(path: string, text: string): Promise<void> {
  let changed = 0
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const at = (await readFile(file)).indexOf(text)
    if (at < 0) continue
    await using handle = await open(file, 'r+')
    await handle.write('W', at)
    changed++
  }
  expect(changed).toBeGreaterThan(0)
}
