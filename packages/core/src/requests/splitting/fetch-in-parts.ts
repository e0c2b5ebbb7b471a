import type { FetchRequest, FetchResponse } from '../../protocol/01-fetch.ts'
import type { SendOptions } from '../../transport/transport.ts'

type SendFetch = (request: FetchRequest, options: SendOptions) => Promise<FetchResponse>

/**
 * The answers to the parts of one fetch. First all parts ask at once for records that already exist. If these are too
 * few, all parts wait, and the first one with an answer ends the wait: its records must not wait for the others. As a
 * fetch changes nothing, the other parts get their records next time. `minBytes` applies to each part by itself, as it
 * does to each broker in Kafka.
 */
export async function fetchInParts(
  parts: readonly FetchRequest[],
  send: SendFetch,
  options: SendOptions,
): Promise<FetchResponse[]> {
  const { maxWaitMs, minBytes, maxBytes } = parts[0] as FetchRequest
  const share = parts.map((part) => ({ ...part, maxBytes: Math.max(Math.floor(maxBytes / parts.length), 1) }))
  const answers = await Promise.all(share.map((part) => send({ ...part, maxWaitMs: 0, minBytes: 0 }, options)))
  if (maxWaitMs <= 0 || isEnough(answers, minBytes)) return answers
  await waitForFirst(share, answers, send, options)
  return answers
}

/** Adds to `answers` when the first part has something to report, or when all have waited in vain. */
function waitForFirst(
  parts: readonly FetchRequest[],
  answers: FetchResponse[],
  send: SendFetch,
  options: SendOptions,
): Promise<void> {
  const abort = new AbortController()
  const { signal } = options
  const follow = (): void => abort.abort(signal?.reason)
  if (signal?.aborted) follow()
  else signal?.addEventListener('abort', follow)
  let left = parts.length
  const waiting = new Promise<void>((resolve, reject) => {
    for (const [index, part] of parts.entries()) {
      send(part, { ...options, signal: abort.signal }).then((answer) => {
        // A later answer would change a result that was already returned.
        if (abort.signal.aborted) return
        answers[index] = answer
        left -= 1
        if (left === 0 || isEnough([answer], 1)) resolve()
      }, reject)
    }
  })
  return waiting.finally(() => {
    signal?.removeEventListener('abort', follow)
    abort.abort()
  })
}

/** Whether the answers have enough bytes, or a refusal, which the caller should hear at once. */
function isEnough(answers: readonly FetchResponse[], minBytes: number): boolean {
  const partitions = answers.flatMap(({ topics }) => topics.flatMap((topic) => topic.partitions))
  const bytes = partitions.reduce((sum, { records }) => sum + records.length, 0)
  return bytes >= minBytes || partitions.some(({ errorCode }) => errorCode !== 0)
}
