import { copySnapshot } from '@kafkado/broker/disk'
import { seededRandom } from '@kafkado/core'
import { expect, it } from 'vitest'
import { open } from './journal-cuts.ts'
import { ModelledWork } from './modelled-work.ts'
import { SimulatedFolder } from './simulated-folder.ts'

interface Taken {
  /** So many tasks had been carried out when it was begun, and handed over when it had ended. */
  readonly from: number
  readonly until: number
  readonly left: ReadonlyMap<string, Buffer>
}

/** Copies a journal again and again while it is given work, files begin and go, and rooms are given back. */
async function takeBesideWork(seed: number): Promise<{ taken: Taken[]; work: ModelledWork }> {
  const random = seededRandom(seed)
  const folder = new SimulatedFolder(random)
  const storage = open(folder, random)
  const work = new ModelledWork(random)
  await storage.open()
  let [carriedOut, isOver] = [0, false]
  const working = async (): Promise<void> => {
    for (let task = 0; task < 120; task++) {
      await (random.next() < 0.1 ? work.removal() : work.unit()).carryOut(storage)
      carriedOut++
      if (random.next() < 0.1) await storage.reclaim()
    }
    isOver = true
  }
  const taken: Taken[] = []
  const copying = async (): Promise<void> => {
    while (!isOver) {
      const from = carriedOut
      const target = new SimulatedFolder(random)
      await copySnapshot(folder, target, 1 + Math.floor(random.next() * 3000))
      taken.push({ from, until: work.tasks.length, left: target.contents() })
    }
  }
  await Promise.all([working(), copying()])
  await storage.close()
  return { taken, work }
}

it('a snapshot is the journal as it was at one moment, with everything that was acknowledged before', async () => {
  let [snapshots, beside] = [0, 0]
  for (let seed = 1; seed <= 25; seed++) {
    const { taken, work } = await takeBesideWork(seed)
    for (const { from, until, left } of taken) {
      const random = seededRandom(seed)
      const storage = open(new SimulatedFolder(random, {}, left), random)
      await storage.open()
      const contents = work.contents(storage)
      await storage.close()
      let moment = from
      while (moment <= until && (await work.expected(moment)) !== contents) moment++
      expect(moment, `seed ${seed}: a snapshot begun after task ${from}, ended by task ${until}`).toBeLessThanOrEqual(
        until,
      )
      snapshots++
      if (until > from) beside++
    }
  }
  expect(snapshots).toBeGreaterThan(50)
  expect(beside).toBeGreaterThan(25)
}, 120_000)

it('a snapshot changes nothing of the journal, also where nothing says what was acknowledged', async () => {
  const random = seededRandom(1)
  const folder = new SimulatedFolder(random)
  const storage = open(folder, random)
  await storage.open()
  const work = new ModelledWork(random)
  for (let task = 0; task < 20; task++) await work.unit().carryOut(storage)
  await storage.close()
  const left = folder.contents()
  left.delete('acknowledged')
  const source = new SimulatedFolder(random, {}, left)
  const target = new SimulatedFolder(random)
  await copySnapshot(source, target)
  expect(source.contents()).toEqual(left)
  expect(target.contents()).toEqual(left)
})
