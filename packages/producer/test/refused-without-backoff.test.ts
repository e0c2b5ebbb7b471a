import { memory } from '@kafkado/broker'
import { codeOf, errorCodeOf, initProducerId, metadata, type Operation, produce, type ResponseOf } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import type { ProduceResponse } from '@kafkado/core/protocol'
import { createProducer, intercept, type KafkaError, seededRandom } from 'kafkado'
import { ManualClock } from '@kafkado/testing'
import { expect, it } from 'vitest'

const codes = Array.from({ length: 140 }, (_, code) => errorCodeOf(code)).filter(({ name }) => name !== 'NONE')
const names = [...new Set(codes.map(({ name }) => name))]
/** More requests than this at the same moment, and nothing else gets a turn. */
const mostAtOnce = 20

it.each(
  [produce, initProducerId, metadata].flatMap((refused) =>
    ['for the partition', 'as a whole'].flatMap((where) =>
      refused !== produce && where === 'for the partition' ? [] : [{ refused, operation: refused.name, where }],
    ),
  ),
)(
  'a server in this process that refuses $operation $where again and again leaves time for timers',
  async ({ refused, where }) => {
    for (const idempotent of [true, false])
      for (const name of names) {
        const clock = new ManualClock()
        const engine = memory({ defaultPartitions: 1 })
        const atOnce = new Map<number, number>()
        const transport = intercept(engine, (next) => (operation, request, options) => {
          if ((operation as Operation<unknown, unknown>).name !== refused.name) return next(operation, request, options)
          const requests = (atOnce.get(clock.monotonic()) ?? 0) + 1
          atOnce.set(clock.monotonic(), requests)
          // Whoever asks without end gets no answer, so that this test ends.
          if (requests > mostAtOnce) return new Promise(() => undefined)
          if (where === 'as a whole') return Promise.reject(errorOfCode(name, { topic: 'orders' }))
          const partition = { partition: 0, errorCode: codeOf(name), baseOffset: -1, logAppendTimeMs: -1 }
          const response: ProduceResponse = {
            throttleTimeMs: 0,
            topics: [{ topic: 'orders', partitions: [{ ...partition, logStartOffset: -1 }] }],
          }
          return Promise.resolve(response as ResponseOf<typeof operation>)
        })
        const runtime = { clock, random: seededRandom(1) }
        const limits = { retryBackoffMs: 0, deliveryTimeout: '1s', idempotent } as const
        const producer = createProducer(transport, 'orders', { runtime, ...limits })
        let told: unknown
        void producer.send(1).then(
          ({ offset }) => (told = offset),
          (error: KafkaError) => (told = error),
        )
        await clock.advanceAsync('1s')
        expect(Math.max(0, ...atOnce.values()), name).toBeLessThanOrEqual(mostAtOnce)
        expect(told, name).toBeDefined()
        void producer.close()
        await clock.advanceAsync('1m')
        await engine.close()
      }
  },
)
