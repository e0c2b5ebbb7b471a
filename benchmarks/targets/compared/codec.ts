import { type CodecSubject, codecSubjects } from '../../codec/codec-subjects.ts'
import { installedVersion } from '../../installed-version.ts'
import { paced } from '../../pace.ts'
import { type SampleOrder, sampleOrder } from '../../sample-records.ts'
import type { Comparison, Side, Target } from '../comparison.ts'
import { timesAsCheap } from '../judges.ts'
import { spentOn } from '../processes/rounds-process.ts'

const kafkado = 'kafkado'
const platformatic = '@platformatic/kafka'
const kafkajs = 'kafkajs'
const decoder = new TextDecoder()

/** Does the work of a subject on one batch. */
type Work = (subject: CodecSubject, batch: Batch) => unknown

interface Batch {
  readonly orders: readonly SampleOrder[]
  readonly texts: readonly string[]
  /** As the subject has written it. */
  readonly written: Uint8Array
}

const encode: Work = (subject, { texts }) => subject.encode(texts)
const stringifyAndEncode: Work = (subject, { orders }) => subject.encode(orders.map((order) => JSON.stringify(order)))
const decode: Work = (subject, { written }) => subject.decode(written, () => undefined)
const decodeAndParse: Work = (subject, { written }) =>
  subject.decode(written, (value) => void JSON.parse(decoder.decode(value)))

export const codec: readonly Comparison[] = [100, 1000].flatMap((size) => [
  comparison(`encode-${size}`, size, encode, [
    target(`encode-${size}-platformatic`, `encode 200 B, pre-serialised, batches of ${size}`, platformatic, 9),
    target(`encode-${size}-kafkajs`, `encode 200 B, pre-serialised, batches of ${size}`, kafkajs, 20),
  ]),
  comparison(`stringify-${size}`, size, stringifyAndEncode, [
    target(`stringify-${size}-platformatic`, `JSON.stringify and encode, batches of ${size}`, platformatic, 2.2),
    target(`stringify-${size}-kafkajs`, `JSON.stringify and encode, batches of ${size}`, kafkajs, 5),
  ]),
  comparison(`decode-${size}`, size, decode, [
    target(`decode-${size}`, `decode to bytes, batches of ${size}`, platformatic, 4),
  ]),
  comparison(`parse-${size}`, size, decodeAndParse, [
    target(`parse-${size}`, `decode and JSON.parse, batches of ${size}`, platformatic, 1.3),
  ]),
])

function target(name: string, what: string, against: string, atLeast: number): Target {
  return { name, what, ours: kafkado, against: [against], ...timesAsCheap(), target: atLeast }
}

function comparison(name: string, size: number, work: Work, targets: readonly Target[]): Comparison {
  return {
    name,
    targets,
    settings: `One thread, batches of ${size} records of about 200 bytes, without keys and compression. No side checks checksums.`,
    warmUp: '200,000 records each',
    async open(pace) {
      const orders = Array.from({ length: size }, (_, index) => sampleOrder(index))
      const texts = orders.map((order) => JSON.stringify(order))
      const used = Object.entries(codecSubjects).filter(
        ([one]) => one === kafkado || targets.some(({ against }) => against.includes(one)),
      )
      const sides: Side[] = []
      for (const [one, subject] of used) {
        // Each reads what it has written, as a Buffer: two of them ask for one.
        const batch = { orders, texts, written: Buffer.from(Uint8Array.from(await subject.encode(texts))) }
        const measure = (records: number) =>
          spentOn(records, async () => {
            for (let done = 0; done < records; done += size) await work(subject, batch)
          })
        await measure(200_000)
        // What takes a tenth of a microsecond needs more of them.
        const records = paced(work === decode ? 4_000_000 : 400_000, pace, size)
        sides.push({
          name: one,
          ...(one !== kafkado && { version: installedVersion(one) }),
          measure: () => measure(records),
        })
      }
      return { sides }
    },
  }
}
