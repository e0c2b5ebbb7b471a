import { capabilities, KafkaError } from '@kafkado/core'
import { jsonReply } from '../exchange/exchange.ts'
import { openApiDocument } from './openapi.ts'
import { Refusal } from '../exchange/refusal.ts'
import type { Route } from './route.ts'

/** Whoever asks has a timeout, too, of a few seconds; no answer would tell it nothing. */
const readyWithinMs = 5000

/** Routes beyond Kafka's operations: about the server itself and its health. */
export const serviceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1',
    handle: async (call) => jsonReply(await call.send(capabilities, {})),
  },
  {
    method: 'GET',
    path: '/v1/openapi.json',
    isPublic: true,
    handle: () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: openApiDocument() }),
  },
  {
    method: 'GET',
    path: '/livez',
    isPublic: true,
    isShedLast: true,
    handle: (call) => jsonReply({ status: call.isClosing ? 'closing' : 'live' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    isPublic: true,
    isShedLast: true,
    async handle(call) {
      const notReady = (why: string, cause?: unknown): Refusal => {
        call.log({ level: 'warn', message: `the server is not ready: ${why}`, requestId: call.requestId, error: cause })
        return new Refusal(503, new KafkaError(why, { code: 'NOT_READY', retriable: true, cause }))
      }
      call.limitTo(Math.min(readyWithinMs, call.limits.requestTimeoutMs))
      const {
        isWritable = true,
        isNearlyFull = false,
        damagedBatches = 0,
      } = await call.send(capabilities, {}).catch((error: unknown) => {
        throw notReady('what is behind the server does not answer', error)
      })
      if (!isWritable) throw notReady('the storage has failed, and nothing can be written until a restart')
      // Everything else is served. Taking the whole server out of service for a few batches would help nobody, and on a
      // nearly full disk it would take away the reads and deletions that make room.
      return jsonReply({
        status: 'ready',
        ...(isNearlyFull ? { isNearlyFull } : {}),
        ...(damagedBatches > 0 ? { damagedBatches } : {}),
      })
    },
  },
]
