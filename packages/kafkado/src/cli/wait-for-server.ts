import { capabilities, KafkaError, systemRuntime, TimeoutError, type Transport } from '@kafkado/core'
import { untilAnswered } from '@kafkado/core/internal'

/** After this time, a person at a prompt learns why nothing happens. */
const silentMs = 600

/**
 * Waits until a server answers, and says so when that takes long. The command itself reports other faults of the
 * server.
 *
 * @param tell writes a line for people
 * @param options `waitMs`: for how long, 0 for not at all; `signal` ends the wait
 * @throws the last error when the server cannot be reached within `waitMs`, TimeoutError when it does not answer
 */
export async function waitForServer(
  transport: Transport,
  url: string,
  { waitMs, signal }: { readonly waitMs: number; readonly signal?: AbortSignal | undefined },
  tell: (text: string) => void,
): Promise<void> {
  const limits = { runtime: systemRuntime, timeoutMs: waitMs, signal }
  const telling = systemRuntime.clock.schedule(silentMs, () => {
    if (waitMs > silentMs) tell(`waiting for ${url}, which does not answer; for ${waitMs / 1000} s at most (--wait)`)
  })
  try {
    if (waitMs === 0) await transport.send(capabilities, {}, signal ? { signal } : {})
    else await untilAnswered(url, limits, (attempt) => transport.send(capabilities, {}, attempt))
  } catch (error) {
    if (signal?.aborted || !KafkaError.is(error)) throw error
    const problem = TimeoutError.is(error) && KafkaError.is(error.cause) ? error.cause : error
    if (problem.retriable) throw TimeoutError.is(problem) ? error : problem
  } finally {
    telling.cancel()
  }
}
