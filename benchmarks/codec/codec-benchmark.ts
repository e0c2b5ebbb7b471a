import { performance } from 'node:perf_hooks'
import { median, rounds } from '../median.ts'
import { sampleOrder } from '../sample-records.ts'
import { type CodecSubject, codecSubjects } from './codec-subjects.ts'

const decoder = new TextDecoder()

/**
 * What a client spends on a record before it goes to the server and after it came from there, beside two other
 * libraries.
 */
export async function benchmarkCodec(): Promise<void> {
  for (const size of [100, 1000]) {
    const texts = Array.from({ length: size }, (_, index) => JSON.stringify(sampleOrder(index)))
    const bytes = Math.round(texts.join('').length / size)
    const times: Record<string, Record<string, number[]>> = {}
    for (let round = 0; round < rounds; round++) {
      for (const [name, subject] of Object.entries(codecSubjects)) {
        const batch = Uint8Array.from(await subject.encode(texts))
        const shared = Buffer.from(batch)
        const own = (times[name] ??= { encode: [], 'decode to bytes': [], 'decode and parse': [] })
        own['encode']?.push(await perRecord(size, () => subject.encode(texts)))
        own['decode to bytes']?.push(await perRecord(size, () => decoded(subject, shared, () => undefined)))
        own['decode and parse']?.push(
          await perRecord(size, () => decoded(subject, shared, (value) => void JSON.parse(decoder.decode(value)))),
        )
      }
    }
    console.log(`\nbatches of ${size} records of ${bytes} bytes, ns a record (medians of ${rounds} interleaved rounds)`)
    const ours = times['kafkado'] as Record<string, number[]>
    for (const [name, own] of Object.entries(times)) {
      const columns = Object.entries(own).map(([what, values]) => {
        const ratio = median(values) / median(ours[what] as number[])
        return `${what} ${median(values).toFixed(0).padStart(5)}${name === 'kafkado' ? '        ' : ` (${ratio.toFixed(1)}×)`.padEnd(8)}`
      })
      console.log(`  ${name.padEnd(20)} ${columns.join('  ')}`)
    }
  }
}

function decoded(subject: CodecSubject, batch: Uint8Array, look: (value: Uint8Array) => void): void | Promise<void> {
  return subject.decode(batch, look)
}

/** After some rounds that only warm up. */
async function perRecord(size: number, act: () => unknown): Promise<number> {
  const times = Math.ceil(20_000 / size)
  for (let count = 0; count < times; count++) await act()
  const startedMs = performance.now()
  for (let count = 0; count < times; count++) await act()
  return ((performance.now() - startedMs) * 1e6) / (times * size)
}
