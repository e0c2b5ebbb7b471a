import { join } from 'node:path'
import { createAdmin } from '@kafkado/admin'
import { seededRandom, systemClock, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { expect } from 'vitest'
import { until } from '../../passing-time.ts'
import { application } from './shop.ts'
import { ShopRun } from './shop-run.ts'
import { describeStarts, StreamsMember } from './streams-member.ts'

export interface ShopSituation {
  readonly transport: Transport
  /** Where the members read. */
  readonly url: string
  readonly folder: string
  readonly seed: number
  readonly kills: number
  /** Takes the server away for longer than a session, where that can be done. */
  readonly outage?: () => Promise<void>
}

/** Longer than the session of a member, so that it is given up by its group. */
const stalledMs = 5000
const orders = 300
const dayMs = 86_400_000

/**
 * Two members with a folder each work off old records, in topics with new ones among them and beside one with live
 * traffic; they are killed at random, stand still for longer than a session, and lose the server for as long. In the
 * end every sum, row, pair and visit is there, and exactly once.
 *
 * @returns what happened, in a line
 */
export async function playShop({ transport, url, folder, seed, kills, outage }: ShopSituation): Promise<string> {
  const random = seededRandom(seed)
  const run = await ShopRun.start(transport, random, systemClock.now() - 20 * dayMs)
  const launched: StreamsMember[] = []
  const launch = (name: string): StreamsMember => {
    const member = new StreamsMember(url, join(folder, name), run.fail, 'shop.ts')
    launched.push(member)
    return member
  }
  try {
    await run.produce(4 * orders)
    const names = ['one', 'two']
    const members = names.map(launch)
    const stallsAt = Math.floor(kills / 3)
    const outageAt = Math.floor((2 * kills) / 3)
    for (let kill = 0; kill < kills; kill++) {
      const seen = run.updates
      const sending = run.produce(orders)
      await run.reached(seen + 1 + Math.floor(random.next() * orders))
      if (kill === stallsAt) {
        for (const member of members) member.signal('SIGSTOP')
        await sleep(systemClock, stalledMs)
        for (const member of members) member.signal('SIGCONT')
      }
      if (kill === outageAt) await outage?.()
      const victim = Math.floor(random.next() * members.length)
      expect(await members[victim]?.end('SIGKILL'), 'it has not failed before').toBe(null)
      members[victim] = launch(names[victim] as string)
      await sending
    }
    await run.finished()
    expect(run.totals).toEqual(run.expectedTotals)
    const named = new Map([...run.expectedNamed].map(([id]) => [id, run.named.get(id) ?? null]))
    expect(named).toEqual(run.expectedNamed)
    expect(run.paid.size).toBe(run.orders)
    expect(Math.max(...run.paid.values())).toBe(1)
    expect(run.visited.size).toBe(run.visits)
    expect(Math.max(...run.visited.values())).toBe(1)
    const admin = createAdmin(transport)
    await until(async () => (await admin.describeGroup(application)).totalLag === 0)
    for (const member of members) expect(await member.end('SIGTERM')).toBe(0)
    return (
      `seed ${seed}: ${run.orders} orders summed, named and paid once, ${run.updates} results,` +
      ` ${run.visits} visits once, ${kills} kills` +
      ` of a member, both stopped for ${stalledMs} ms${outage ? ', the server away once' : ''};` +
      ` ${describeStarts(launched)}`
    )
  } finally {
    await Promise.all(launched.map((member) => member.end('SIGKILL')))
    await run.close()
  }
}
