import type { errorOfAttempts } from '../../errors/with-outcome.ts'
import type { FetchRequest, fetch } from '../../protocol/01-fetch.ts'
import type { AnyOperation, RequestOf, ResponseOf } from '../../protocol/operation.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { SendOptions, Transport } from '../../transport/transport.ts'
import { fetchInParts } from './fetch-in-parts.ts'
import type { RequestLimits } from './request-limits.ts'
import { mergeResponses, type RequestPart, splitRequest } from './split-request.ts'

/** Sends a part, and converts its error. */
export interface PartSender {
  readonly send: Transport['send']
  readonly clock: Clock
  readonly errorOf: typeof errorOfAttempts
}

/** The answer to a request sent in parts; undefined when it cannot be divided. */
export async function sendInParts<O extends AnyOperation>(
  sender: PartSender,
  limits: RequestLimits,
  operation: O,
  request: RequestOf<O>,
  options: SendOptions,
): Promise<ResponseOf<O> | undefined> {
  const parts = splitRequest(operation, request, limits)
  if (parts.length <= 1) return undefined
  const responses =
    operation.records === 'response'
      ? ((await fetchInParts(
          parts.map((part) => part.request as FetchRequest),
          (part, partOptions) => sender.send(operation as typeof fetch, part, partOptions),
          options,
        )) as ResponseOf<O>[])
      : await sendInTurn(sender, operation, parts, options)
  return mergeResponses(operation, parts, responses)
}

async function sendInTurn<O extends AnyOperation>(
  { send, clock, errorOf }: PartSender,
  operation: O,
  parts: readonly RequestPart<RequestOf<O>>[],
  options: SendOptions,
): Promise<ResponseOf<O>[]> {
  const beganMs = clock.monotonic()
  const responses: ResponseOf<O>[] = []
  for (const { request } of parts) {
    const { timeoutMs } = options
    // The caller's time limit covers all parts together.
    const leftMs = timeoutMs === undefined ? undefined : Math.max(beganMs + timeoutMs - clock.monotonic(), 1)
    try {
      responses.push(await send(operation, request, { ...options, timeoutMs: leftMs }))
    } catch (error) {
      const isPartlyDone = responses.length > 0 && operation.elements?.isReadOnly === false
      const remark = ` (sent in ${parts.length} parts, of which ${responses.length} had been carried out)`
      throw errorOf(error, isPartlyDone, remark)
    }
  }
  return responses
}
