import { memory } from '@kafkado/broker'
import { consumerGroupHeartbeat, intercept, metadata } from '@kafkado/core'
import type { ConsumerGroupHeartbeatResponse, MetadataResponse } from '@kafkado/core/protocol'
import type { StreamsApp } from '@kafkado/streams'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient, seededRandom } from 'kafkado'
import { describe, expect, it } from 'vitest'
import { inTime, until } from '../../../../tests/passing-time.ts'

/** How many partitions a broker reports for topics that it only knows in part; 0 for an unknown topic. */
type Lag = ReadonlyMap<string, number>

interface Case {
  readonly what: string
  readonly reads: string | RegExp | (string | RegExp)[]
  /** The topic that is made, or grows by one partition. */
  readonly topic: 'narrow' | 'new'
  readonly to: number
  readonly lag: Lag
  readonly withinMs: number
}

const late = (topic: string, count: number): Lag => new Map([[topic, count]])
const pattern = /^(wide|new|narrow)$/

describe('what members read for the sake of others', () => {
  it.each<Case>([
    {
      what: 'partitions that were added',
      reads: ['wide', 'narrow'],
      topic: 'narrow',
      to: 3,
      lag: new Map(),
      withinMs: 5000,
    },
    { what: 'those of a pattern', reads: pattern, topic: 'narrow', to: 3, lag: new Map(), withinMs: 5000 },
    {
      what: 'those that a broker hears of late',
      reads: ['wide', 'narrow'],
      topic: 'narrow',
      to: 3,
      lag: late('narrow', 2),
      withinMs: 15_000,
    },
    {
      what: 'those of a pattern, late',
      reads: pattern,
      topic: 'narrow',
      to: 3,
      lag: late('narrow', 2),
      withinMs: 40_000,
    },
    { what: 'a topic, late', reads: pattern, topic: 'new', to: 3, lag: late('new', 0), withinMs: 40_000 },
    {
      what: 'a topic beside another, late',
      reads: ['wide', /^new$/],
      topic: 'new',
      to: 3,
      lag: late('new', 0),
      withinMs: 40_000,
    },
  ])(
    'is looked at again, although nothing of it is assigned to them: $what',
    async ({ reads, topic, to, lag, withinMs }) => {
      const clock = new ManualClock()
      const runtime = { clock, random: seededRandom(1) }
      const engine = memory({ runtime, heartbeatInterval: 200 })
      const kafka = new KafkaClient(engine, runtime)
      await kafka.admin.createTopic('wide', { partitions: 6 })
      await kafka.admin.createTopic('narrow', { partitions: 2 })
      const out = new Set<number>()
      let lags = false
      const member = async (): Promise<StreamsApp> => {
        let assigned: string | undefined
        const behind = intercept(engine, (next) => async (operation, request, options) => {
          const answer = await next(operation, request, options)
          if (operation.name === consumerGroupHeartbeat.name) {
            const { assignment } = answer as ConsumerGroupHeartbeatResponse
            if (!assignment || JSON.stringify(assignment) !== assigned) {
              if (assignment) assigned = JSON.stringify(assignment)
              return answer
            }
            // Like Apache Kafka: an unchanged assignment is not sent again.
            return { ...answer, assignment: null }
          }
          if (!lags || operation.name !== metadata.name) return answer
          const { topics, ...rest } = answer as MetadataResponse
          const known = topics.flatMap((one) => {
            const count = lag.get(one.topic) ?? one.partitions.length
            return count === 0 ? [] : [{ ...one, partitions: one.partitions.slice(0, count) }]
          })
          return { ...rest, topics: known } as never
        })
        const s = new KafkaClient(behind, runtime).streams({ application: 'late' })
        s.stream<number>(reads).forEach((value) => void out.add(value))
        return inTime(s.start(), clock)
      }
      const apps = [await member(), await member(), await member()]
      /** Waits until each of the members has that many partitions of a topic. */
      const spread = (name: string, each: number): Promise<void> =>
        until(
          async () => {
            const { members } = await kafka.admin.describeGroup('late')
            const own = members.map(({ assignment }) => assignment.find((one) => one.topic === name)?.partitions.length)
            return own.length === apps.length && own.every((count) => count === each)
          },
          clock,
          100,
        )
      await spread('wide', 2)
      lags = true
      if (topic === 'new') await kafka.admin.createTopic(topic, { partitions: to })
      else await kafka.admin.alterTopic(topic, { partitions: to })
      for (let partition = 0; partition < to; partition++) await kafka.produce(topic, partition, { partition })
      await spread(topic, 1)
      lags = false
      const sinceMs = clock.monotonic()
      await until(() => out.size === to, clock, 100)
      expect(clock.monotonic() - sinceMs).toBeLessThanOrEqual(withinMs)
      for (const app of apps) await inTime(app.close(), clock)
      // Closes the engine too.
      await inTime(kafka.close(), clock)
    },
  )
})
