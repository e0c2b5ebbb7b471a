import { RecordBatchBuilder, compressionTypes } from '@kafkado/core/internal'
import { beforeAll, describe, expect, it } from 'vitest'
import { hasLibraries, runGoldenBatches } from '../../scripts/golden/java-kafka.ts'

/** What Kafka's own decoder finds in a batch; see scripts/golden/GoldenBatches.java. */
interface JavaBatch {
  compression: string
  producerId: number
  baseSequence: number
  isTransactional: boolean
  records: {
    offset: number
    timestamp: number
    key: string | null
    value: string | null
    headers: [string, string | null][]
  }[]
}

const java = javaOrReason()
if (java !== true) console.warn(`SKIPPED: Apache Kafka's decoder does not check our record batches here: ${java}`)

/** Fetching the library takes a while, so only CI does it unasked. */
function javaOrReason(): true | string {
  if (!process.env['CI'] && !hasLibraries())
    return 'fetch its library with `node scripts/golden/update.ts` or set CI=true'
  try {
    runGoldenBatches('murmur2', '00')
    return true
  } catch (error) {
    return String(error).split('\n', 1)[0] as string
  }
}

const base64 = (text: string | null): string | null => (text === null ? null : Buffer.from(text).toString('base64'))

describe.skipIf(java !== true)("batches of ours in Apache Kafka's own decoder", () => {
  const contents = Array.from({ length: 50 }, (_, index) => ({
    timestamp: 1_764_000_000_000 + (index % 3) * 86_400_000 * 365 - index,
    key: index % 5 === 0 ? null : `ключ-${index % 7}`,
    value: index % 11 === 0 ? null : JSON.stringify({ index, text: 'the same words 😀 again and again '.repeat(40) }),
    headers: [['trace', `id-${index}`] as const, ['none', null] as const].slice(0, index % 3),
  }))
  const read = new Map<string, JavaBatch>()

  beforeAll(async () => {
    const batches = await Promise.all(
      compressionTypes.map(async (compression) => {
        const builder = new RecordBatchBuilder()
        for (const content of contents) builder.append(content)
        return builder.build({
          compression,
          baseOffset: 7,
          producerId: 2 ** 33,
          producerEpoch: 2,
          baseSequence: 11,
          isTransactional: true,
        })
      }),
    )
    const lines = runGoldenBatches('read', batches.map((batch) => Buffer.from(batch).toString('hex')).join('\n'))
    for (const line of lines) {
      const batch = JSON.parse(line) as JavaBatch
      read.set(batch.compression, batch)
    }
  })

  it.each(compressionTypes)('are read as they were written: %s', (compression) => {
    expect(read.get(compression)).toMatchObject({
      producerId: 2 ** 33,
      producerEpoch: 2,
      baseSequence: 11,
      isTransactional: true,
    })
    expect(read.get(compression)?.records).toEqual(
      contents.map(({ timestamp, key, value, headers }, index) => ({
        offset: 7 + index,
        timestamp,
        key: base64(key),
        value: base64(value),
        headers: headers.map(([name, content]) => [name, base64(content)]),
      })),
    )
  })
})
