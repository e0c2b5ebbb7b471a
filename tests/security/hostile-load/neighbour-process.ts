// Works with a key of its own beside the attacks until it is ended, and says now and then how it is served.
import { createHistogram } from 'node:perf_hooks'
import { fetch, http, produce, systemClock } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { batch } from '@kafkado/testing/conformance'
import { fetchOf, produceOf } from '../negatives/place/every-request.ts'

const [url = '', apiKey = ''] = process.argv.slice(2)
const transport = http({ url, apiKey, retries: 0 })
const times = createHistogram()
const told = { requests: 0, failures: [] as string[], p50Ms: 0, p99Ms: 0, longestMs: 0 }
const record = batch([{ value: 'x'.repeat(100) }])
const isolationLevel = 'read_committed' as const

async function ask(act: () => Promise<unknown>): Promise<void> {
  const startMs = systemClock.monotonic()
  await act().catch((error: unknown) => told.failures.push(String(error)))
  times.record(Math.max(1, Math.round((systemClock.monotonic() - startMs) * 1000)))
  told.requests++
}

const tell = (): void => {
  const ms = (microseconds: number): number => Math.round(microseconds / 10) / 100
  process.send?.({
    ...told,
    p50Ms: ms(times.percentile(50)),
    p99Ms: ms(times.percentile(99)),
    longestMs: ms(times.max),
  })
  systemClock.schedule(500, tell)
}
tell()
for (;;) {
  await ask(() => transport.send(produce, produceOf(['theirs'], record)))
  await ask(() => transport.send(fetch, { ...fetchOf('theirs'), isolationLevel }))
  await sleep(systemClock, 20)
}
