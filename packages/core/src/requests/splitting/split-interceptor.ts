import { MessageTooLargeError } from '../../errors/kafka-error.ts'
import { errorOfAttempts } from '../../errors/with-outcome.ts'
import { capabilities } from '../../protocol/capabilities.ts'
import type { AnyOperation } from '../../protocol/operation.ts'
import { type Runtime, systemRuntime } from '../../runtime/runtime.ts'
import type { Interceptor } from '../../transport/interceptor.ts'

const surelyTakenElements = 1000
const surelyTakenBytes = 1024 * 1024

/**
 * Sends a request that is larger than the server takes in parts, one after the other, and puts their answers together.
 * The server is asked for its limits when a request may be beyond them, or was refused as too large; so clients of a
 * few partitions never ask, and a page loads what splits with the first such request. Retries belong inside: they then
 * repeat the part that failed. Where a part fails as a whole so does the request, and after a part that may have
 * changed something its outcome is `unknown`.
 */
export function splitInterceptor(runtime: Runtime = systemRuntime): Interceptor {
  return (next) => {
    let loading: Promise<typeof next> | undefined
    const load = async (): Promise<typeof next> => {
      const { RequestSplitter } = await import('./request-splitter.ts')
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

/** Where an earlier attempt got no answer, what may be sent again may be sent in parts. */
function isTooLarge(error: unknown, operation: AnyOperation, request: unknown): boolean {
  return MessageTooLargeError.is(error) && (error.outcome === 'failed' || operation.repeatable(request))
}

/**
 * A look at what makes requests large: many partitions, and record batches. Names and settings are weighed when
 * splitting has begun.
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

/** Of a request that nobody has checked, as in a page. */
function listIn(value: unknown, name: string): readonly unknown[] {
  const list = (value as Record<string, unknown> | null | undefined)?.[name]
  return Array.isArray(list) ? list : []
}
