import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdmin } from '@kafkado/admin'
import { http, seededRandom } from '@kafkado/core'
import { expect, it } from 'vitest'
import { MortalServer } from '../../durability/mortal-server.ts'
import { describeStarts, StreamsMember } from './streams-member.ts'
import { SumsRun } from './sums-run.ts'
import { application } from '../../../packages/streams/test/sums.ts'

/** More where time does not matter. */
const kills = Number(process.env['KAFKADO_STREAMS_KILLS'] ?? (process.env['CI'] ? 8 : 2))
const records = kills * 500

it(
  `sums ${records} payments exactly once while one of two members dies ${kills} times by kill -9`,
  { timeout: 1_800_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-sums-'))
    const random = seededRandom(11)
    const server = new MortalServer(join(folder, 'server'), '--session-timeout', '2s', '--heartbeat-interval', '300ms')
    await server.start()
    const transport = http({ url: server.url })
    const run = await SumsRun.start(transport, random)
    const launched: StreamsMember[] = []
    const launch = (name: string): StreamsMember => {
      const member = new StreamsMember(server.url, join(folder, name), run.fail)
      launched.push(member)
      return member
    }
    const names = ['one', 'two']
    const members = names.map(launch)

    for (let kill = 0; kill < kills; kill++) {
      const [from, to] = [kill, kill + 1].map((part) => Math.floor((part * records) / kills)) as [number, number]
      const sending = run.produce(from, to)
      // Somewhere in the middle of what is summed now.
      await run.reached(from + Math.floor(random.next() * (to - from)))
      const victim = Math.floor(random.next() * members.length)
      expect(await members[victim]?.end('SIGKILL'), 'it has not failed before').toBe(null)
      members[victim] = launch(names[victim] as string)
      await sending
    }
    await run.reached(records)
    await Promise.all(members.map(({ running }) => running))
    for (const member of members) expect(await member.end('SIGTERM')).toBe(0)
    const { totalLag } = await createAdmin(transport).describeGroup(application)
    expect(totalLag).toBe(0)
    await run.readToEnd()
    await run.close()
    expect(run.updates).toBe(records)
    expect(run.sums).toEqual(run.expected)
    console.log(`${records} payments summed once, ${kills} kills of a member; ${describeStarts(launched)}`)
    await transport.close()
    expect(await server.end()).toBe(0)
    await rm(folder, { recursive: true })
  },
)
