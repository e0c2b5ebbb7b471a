import { MessageTooLargeError } from '../../errors/kafka-error.ts'
import { errorOfAttempts } from '../../errors/with-outcome.ts'
import { capabilities } from '../../protocol/capabilities.ts'
import type { AnyOperation } from '../../protocol/operation.ts'
import { type Runtime, systemRuntime } from '../../runtime/runtime.ts'
import { loadPart } from '../../retry/load-part.ts'
import type { Interceptor } from '../../transport/interceptor.ts'

const surelyTakenElements = 1000
const surelyTakenBytes = 1024 * 1024

/**
 * Sends a request that is too large for the server in parts, one after the other, and merges their answers. It asks for
 * the server's limits only when a request may exceed them or was refused as too large. So clients with few partitions
 * never ask, and a page loads the splitting code only with the first such request. Retries belong inside, so that they
 * repeat only the failed part. If a part fails as a whole, so does the request; if an earlier part may have changed
 * something, the outcome is `unknown`.
 */
export function splitInterceptor(runtime: Runtime = systemRuntime): Interceptor {
  return (next) => {
    let loading: Promise<typeof next> | undefined
    const load = async (): Promise<typeof next> => {
      const { RequestSplitter } = await loadPart('requests in parts', () => import('./request-splitter.ts'))
      const splitter = new RequestSplitter({ next, runtime, capabilities, errorOfAttempts, isTooLarge })
      return (operation, request, options) => splitter.send(operation, request, options)
    }
    return async (operation, request, options) => {
      if (!operation.elements) return next(operation, request, options)
      if (!loading && isSurelyTaken(operation, request)) {
        try {
          return await next(operation, request, options)
        } catch (error) {
          if (!isTooLarge(error, operation, request)) throw error
        }
      }
      loading ??= load()
      const send = await loading.catch((error: unknown) => {
        loading = undefined
        throw error
      })
      return send(operation, request, options)
    }
  }
}

/** After an unanswered attempt, only a repeatable request may be sent in parts. */
function isTooLarge(error: unknown, operation: AnyOperation, request: unknown): boolean {
  return MessageTooLargeError.is(error) && (error.outcome === 'failed' || operation.repeatable(request))
}

/**
 * Looks only at the usual reasons for large requests: many partitions, and record batches. Names and settings are
 * weighed once splitting has begun.
 */
function isSurelyTaken({ elements }: AnyOperation, request: unknown): boolean {
  let count = 0
  let bytes = 0
  for (const entry of listIn(request, elements?.asked as string)) {
    count += 1
    for (const partition of listIn(entry, 'partitions')) {
      count += 1
      bytes += (partition as { records?: Uint8Array } | null)?.records?.length ?? 0
    }
  }
  return count <= surelyTakenElements && bytes <= surelyTakenBytes
}

/** The request may be unchecked, as in a page. */
function listIn(value: unknown, name: string): readonly unknown[] {
  const list = (value as Record<string, unknown> | null | undefined)?.[name]
  return Array.isArray(list) ? list : []
}
