import { type AnyOperation, consumerGroupHeartbeat, type RequestOf } from '@kafkado/core'
import { allOperations, batchesContentType, encodeFrame } from '@kafkado/core/internal'
import type { Call } from '../call/call.ts'
import { jsonReply, type Reply } from '../exchange/exchange.ts'
import { contentTypeOf, readRequest, requireContentType } from './request-body.ts'
import type { Route } from './route.ts'

/** `POST operation.path` for each of Kafka's operations. The client of core calls these routes. */
export const operationRoutes: readonly Route[] = allOperations.map((operation) => ({
  method: 'POST',
  path: operation.path,
  isShedLast: operation === consumerGroupHeartbeat,
  isRepeatable: operation.records === 'response',
  handle: (call) => carryOut(operation, call),
}))

async function carryOut(operation: AnyOperation, call: Call): Promise<Reply> {
  const response: unknown = await call.send(operation, await requestIn(operation, call))
  if (operation.records !== 'response') return jsonReply(response)
  return { status: 200, headers: { 'content-type': batchesContentType }, body: encodeFrame(response as object) }
}

/** A function of its own, so that a long poll does not keep its body and headers. */
async function requestIn<O extends AnyOperation>(operation: O, call: Call): Promise<RequestOf<O>> {
  const { exchange } = call
  requireContentType(contentTypeOf(operation), exchange.header('content-type'), exchange.header('content-encoding'))
  // A heartbeat names everything its member owns, and cannot be split.
  const body = await call.readBody(
    operation === consumerGroupHeartbeat
      ? { option: 'maxHeartbeatBytes', bytes: call.limits.maxHeartbeatBytes }
      : undefined,
  )
  return readRequest(operation, body, call.limits)
}
