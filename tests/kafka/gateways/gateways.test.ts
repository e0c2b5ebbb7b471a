import { createAdmin } from '@kafkado/admin'
import { seededRandom, type Transport } from '@kafkado/core'
import { wire } from '@kafkado/wire'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type KafkaCluster, startKafkaCluster } from '../../../scripts/kafka/kafka-cluster.ts'
import { violationsOf } from './check.ts'
import { Gateways } from './gateways.ts'
import { Load, partitions } from './load.ts'
import { readBack } from './read-back.ts'
import { Readers } from './readers.ts'

/** CI has half of it, and there is more where time does not matter. */
const share = process.env['CI'] ? 0.5 : 1
const records = Number(process.env['KAFKADO_GATEWAY_RECORDS'] ?? 10_000 * share)
const kills = Number(process.env['KAFKADO_GATEWAY_KILLS'] ?? 10 * share)
const brokerKills = Number(process.env['KAFKADO_BROKER_KILLS'] ?? 2 * share)
const seed = Number(process.env['KAFKADO_GATEWAY_SEED'] ?? 1)
const timeout = 120_000 + records * 10 + (kills + brokerKills) * 20_000

const brokerConfig = {
  // Shorter than Kafka's own 45 s, which no gateway stays away for: a member whose heartbeats did not get through would
  // be out before the end.
  'group.consumer.session.timeout.ms': '10000',
  // So that heartbeats are among the requests which meet a dead gateway; Kafka's own is 5 s.
  'group.consumer.heartbeat.interval.ms': '300',
}

// Brokers that were given are not for killing.
describe.skipIf(process.env['KAFKA_BROKERS'])('three gateways over one cluster', () => {
  let cluster: KafkaCluster
  let direct: Transport
  let gateways: Gateways

  beforeAll(async () => {
    cluster = await startKafkaCluster({ brokers: 3, brokerConfig })
    direct = wire(cluster.bootstrapServers)
  })

  afterAll(async () => {
    await direct?.close()
    await cluster?.close()
  })

  beforeEach(async () => {
    gateways = await Gateways.start(cluster.bootstrapServers, seed)
  })

  afterEach(() => gateways?.close())

  /**
   * Runs producers and a group over the gateways, has something happen meanwhile, and checks that the clients were told
   * of nothing, and the records.
   *
   * @param check of the group, before its members leave
   * @returns what there is to tell
   */
  async function run(
    topic: string,
    happen: (load: Load) => Promise<void>,
    check: (readers: Readers) => Promise<void>,
  ): Promise<string> {
    const admin = createAdmin(direct)
    await admin.createTopic(topic, { partitions })
    const readers = new Readers(gateways.sprayer, topic, `${topic}-readers`)
    let changes = 0
    const load = new Load(gateways.sprayer, topic, seed)
    try {
      await readers.balanced()
      load.start()
      await happen(load)
      await load.reached(records)
      await load.finish()
      expect(violationsOf(load, await readBack(direct, topic))).toEqual([])

      await readers.saw(load.delivered.keys())
      expect([...readers.seen.keys()].filter((value) => !load.delivered.has(value))).toEqual([])
      changes = readers.changes.length
      await check(readers)
    } finally {
      await load.finish()
      await readers.close()
    }
    expect(load.failures).toEqual([])
    expect(readers.failures).toEqual([])
    const { offsets } = await admin.describeGroup(`${topic}-readers`)
    const ends = load.ends()
    expect(ends.size).toBe(partitions)
    expect(offsets.filter(({ partition, committed }) => (committed ?? 0) < (ends.get(partition) ?? 0))).toEqual([])

    const { plain, committed, transactions, aborts } = load.counts
    const { acknowledgement, transaction } = load.longestMs
    const { requests, refused, cut } = gateways.sprayer.counts
    return [
      `seed ${seed}: ${plain} records of an idempotent producer and ${committed} in ${transactions} transactions are` +
        ` there once, ${aborts} transactions were aborted on purpose`,
      `${requests} requests, of which ${refused} were refused, and cut off:` +
        ` ${[...cut].map(([path, count]) => `${path} ${count}`).join(', ') || 'none'}`,
      `${readers.repeats} repeats at the group, whose members were told of ${changes} changes after it was balanced`,
      `the longest acknowledgement ${Math.round(acknowledgement)} ms, the longest transaction` +
        ` ${Math.round(transaction)} ms`,
    ].join('; ')
  }

  it(
    `${records} records through random gateways while these die ${kills} times by kill -9: clients notice nothing but latency`,
    { timeout },
    async () => {
      const random = seededRandom(seed)
      const told = await run(
        'numbers',
        async (load) => {
          for (let kill = 0; kill < kills; kill++) {
            await load.more(1 + Math.floor(random.next() * 2 * (records / kills)))
            await gateways.killOne()
          }
          await gateways.allUp()
        },
        async (readers) => {
          expect(readers.changes, 'the members keep their partitions').toEqual([])
          expect(readers.epochs()).toEqual(readers.epochsWhenBalanced)
          // What was read in one stay without a change is read once.
          expect(readers.repeats).toBe(0)
          // They would have been told: they are when one of them leaves.
          await readers.leaveOne()
          expect(readers.changes).not.toEqual([])
        },
      )
      console.log(`${gateways.kills} kills of a gateway, ${told}`)
      // Otherwise nothing was tried.
      expect(gateways.kills).toBe(kills)
      const { refused, cut } = gateways.sprayer.counts
      expect(Math.min(refused, cut.size)).toBeGreaterThan(0)
    },
  )

  it(
    `${records} records through random gateways while brokers die ${brokerKills} times by kill -9 and come back: nothing is lost, nothing is doubled`,
    { timeout },
    async () => {
      const part = Math.floor(records / (brokerKills * 3))
      const told = await run(
        'numbers-over-brokers',
        async (load) => {
          for (let kill = 0; kill < brokerKills; kill++) {
            await load.more(part)
            // One after the other: with three kills each leader and each coordinator was killed once.
            const broker = cluster.brokers[(seed + kill) % cluster.brokers.length]
            await broker?.kill()
            // It stays away until others do its work.
            await load.more(part)
            await broker?.start()
          }
        },
        // A coordinator that waits for a dead replica answers no heartbeats (KIP-848: not before what it wrote is
        // copied), so how long that takes decides whether members stay, and not the gateways. What they read again then
        // is in what is told.
        () => Promise.resolve(),
      )
      console.log(`${brokerKills} kills of a broker, ${told}`)
    },
  )
})
