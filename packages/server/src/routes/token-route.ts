import { parseTokenOptions } from '../auth/token.ts'
import { jsonReply } from '../exchange/exchange.ts'
import { readJson, requireContentType } from './request-body.ts'
import type { Route } from './route.ts'

/** `POST /v1/tokens` issues a short-lived token for the key of the request, with the same scopes or fewer. */
export const tokenRoute: Route = {
  method: 'POST',
  path: '/v1/tokens',
  async handle(call) {
    const { exchange } = call
    requireContentType('application/json', exchange.header('content-type'), exchange.header('content-encoding'))
    const reply = jsonReply(await call.issueToken(parseTokenOptions(readJson(await call.readBody()))))
    return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store' } }
  },
}
