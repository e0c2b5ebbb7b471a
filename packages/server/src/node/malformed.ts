import { STATUS_CODES } from 'node:http'
import type { Runtime } from '@kafkado/core'
import { problemContentType } from '@kafkado/core/internal'
import type { Limits } from '../call/limits.ts'
import { problemReply } from '../exchange/problem-details.ts'
import { headersTooLarge, refuse } from '../exchange/refusal.ts'
import type { Log } from '../log.ts'

/** Refuses what the parser does not take for a request. There is no request to answer, so the answer is bytes. */
export function refuseMalformed(
  { code }: NodeJS.ErrnoException,
  { maxHeaderBytes, requestTimeoutMs }: Limits,
  runtime: Runtime,
  log: Log,
): { readonly refusal: Error; readonly answer: string } {
  const refusal =
    code === 'HPE_HEADER_OVERFLOW'
      ? headersTooLarge(maxHeaderBytes)
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? refuse(408, `the request was not received within ${requestTimeoutMs} ms (requestTimeoutMs)`)
        : refuse(400, 'the request is not HTTP/1.1')
  const { status, headers, body } = problemReply(refusal, runtime.random.uuid(), log)
  const answer =
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ` +
    `${headers['content-type'] ?? problemContentType}\r\n` +
    `content-length: ${Buffer.byteLength(body as string)}\r\nconnection: close\r\n\r\n${body as string}`
  return { refusal, answer }
}
