import { capabilities, KafkaError } from '@kafkado/core'
import { jsonReply } from '../exchange.ts'
import { openApiDocument } from '../openapi.ts'
import { Refusal } from '../refusal.ts'
import type { Route } from './route.ts'

/** What is not an operation of Kafka: what the server is, and how it does. */
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
    handle: () => jsonReply({ status: 'live' }),
  },
  {
    method: 'GET',
    path: '/readyz',
    isPublic: true,
    isShedLast: true,
    async handle(call) {
      try {
        await call.send(capabilities, {})
      } catch (error) {
        call.log({ level: 'warn', message: 'the server is not ready', requestId: call.requestId, error })
        throw new Refusal(
          503,
          new KafkaError('what is behind the server does not answer', {
            code: 'NOT_READY',
            retriable: true,
            cause: error,
          }),
        )
      }
      return jsonReply({ status: 'ready' })
    },
  },
]
