import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdmin } from '@kafkado/admin'
import { seededRandom, systemClock } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { wire } from '@kafkado/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KafkaBroker, type KafkaCluster, startKafkaCluster } from '../../../scripts/kafka/kafka-cluster.ts'
import { until } from '../../passing-time.ts'
import { describeApiExamples } from '../../../packages/streams/test/examples/api-examples.ts'
import { playShop } from '../../streams/kills/shop-situation.ts'
import { describeStarts, StreamsMember } from '../../streams/kills/streams-member.ts'
import { SumsRun } from '../../streams/kills/sums-run.ts'
import { application } from '../../../packages/streams/test/sums.ts'
import { describeUnevenSources } from '../../../packages/streams/test/members/uneven-sources.ts'
import { describePatternSources } from '../../../packages/streams/test/patterns/pattern-sources.ts'
import { kafkaPlace } from './kafka-place.ts'

/** A change of what matches takes a broker ten seconds to notice, and CI has other tests of this cluster to run. */
const isBrief = process.env['CI'] !== undefined
/** More where time does not matter. */
const kills = Number(process.env['KAFKADO_STREAMS_KILLS'] ?? (isBrief ? 4 : 6))
const shopKills = Number(process.env['KAFKADO_STREAMS_KILLS'] ?? 2)
const brokerKills = Number(process.env['KAFKADO_BROKER_KILLS'] ?? 1)
const records = kills * 500
const seed = Number(process.env['KAFKADO_STREAMS_SEED'] ?? 1)

/** Longer than the session of a member. */
const outageMs = 5000

const brokerConfig = {
  // How long the others wait for a member that was killed before they get its partitions; Kafka's own is 45 s.
  'group.consumer.session.timeout.ms': '3000',
  'group.consumer.heartbeat.interval.ms': '300',
}

// Brokers that were given are not for killing.
describe.skipIf(process.env['KAFKA_BROKERS'])('streams on a cluster of three brokers', () => {
  let cluster: KafkaCluster

  beforeAll(async () => {
    cluster = await startKafkaCluster({ brokers: 3, brokerConfig })
  })

  afterAll(() => cluster?.close())

  describeApiExamples(
    'exactly once',
    kafkaPlace(() => cluster.bootstrapServers),
    { guarantee: 'exactly-once' },
  )

  it(
    `sums ${records} payments exactly once while one of two members dies ${kills} times by kill -9, and brokers ${brokerKills} times in between`,
    { timeout: 120_000 + kills * 20_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'kafkado-sums-'))
      const random = seededRandom(seed)
      const transport = wire(cluster.bootstrapServers)
      const launched: StreamsMember[] = []
      const launch = (name: string): StreamsMember => {
        const url = `kafka://${cluster.bootstrapServers}`
        const member = new StreamsMember(url, join(folder, name), (error) => run?.fail(error))
        launched.push(member)
        return member
      }
      const names = ['one', 'two']
      let run: SumsRun | undefined
      let ran = 0
      try {
        run = await SumsRun.start(transport, random)
        const members = names.map(launch)
        const brokerDies = new Set(
          Array.from({ length: brokerKills }, (_, index) => Math.floor(((index + 1) * kills) / (brokerKills + 1))),
        )
        let down: KafkaBroker | undefined
        let brokersKilled = 0

        for (let kill = 0; kill < kills; kill++) {
          const [from, to] = [kill, kill + 1].map((part) => Math.floor((part * records) / kills)) as [number, number]
          const sending = run.produce(from, to)
          // Somewhere in the middle of what is summed now.
          await run.reached(from + Math.floor(random.next() * (to - from)))
          if (brokerDies.has(kill)) {
            await down?.start()
            down = cluster.brokers[(seed + brokersKilled++) % cluster.brokers.length]
            await down?.kill()
          }
          const victim = Math.floor(random.next() * members.length)
          expect(await members[victim]?.end('SIGKILL'), 'it has not failed before').toBe(null)
          if (members[victim]?.said.length) ran++
          members[victim] = launch(names[victim] as string)
          await sending
          // It stays away until a further member has died.
          if (brokerDies.has(kill)) continue
          await down?.start()
          down = undefined
        }
        await run.reached(records)
        await Promise.all(members.map(({ running }) => running))
        for (const member of members) expect(await member.end('SIGTERM')).toBe(0)
        await run.readToEnd()
        expect(run.updates).toBe(records)
        expect(run.sums).toEqual(run.expected)
        // Kafka answers the end of a transaction before its markers are everywhere, so the last offsets may come a
        // little later.
        const admin = createAdmin(transport)
        await until(async () => (await admin.describeGroup(application)).totalLag === 0)
        console.log(
          `seed ${seed}: ${records} payments summed once, ${kills} kills of a member, ${ran} of them after it ran,` +
            ` and ${brokersKilled} of a broker; ${describeStarts(launched)}`,
        )
      } finally {
        await Promise.all(launched.map((member) => member.end('SIGKILL')))
        await run?.close()
        await transport.close()
        await rm(folder, { recursive: true })
      }
    },
  )

  describeUnevenSources(
    'on a cluster',
    kafkaPlace(() => cluster.bootstrapServers),
    isBrief,
  )

  describePatternSources(
    'on a cluster',
    kafkaPlace(() => cluster.bootstrapServers),
    { isBrief },
  )

  it(
    `a shop of two members survives ${shopKills} kills, standing still and an outage with every sum, row and pair`,
    { timeout: 1_800_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'kafkado-shop-'))
      const url = `kafka://${cluster.bootstrapServers}`
      const transport = wire(cluster.bootstrapServers)
      const { brokers } = cluster
      const outage = async (): Promise<void> => {
        await Promise.all(brokers.map((broker) => broker.kill()))
        await sleep(systemClock, outageMs)
        // None of them serves before most of them run.
        await Promise.all(brokers.map((broker) => broker.start()))
      }
      try {
        console.log(await playShop({ transport, url, folder, seed, kills: shopKills, outage }))
      } finally {
        await transport.close()
        await rm(folder, { recursive: true })
      }
    },
  )
})
