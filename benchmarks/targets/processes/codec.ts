// One side of the codec: `codec.ts SUBJECT WORK SIZE RECORDS`, with batches of SIZE. It is warm when it says so.
import { type CodecSubject, codecSubjects } from '../../codec/codec-subjects.ts'
import { sampleOrder, type SampleOrder } from '../../sample-records.ts'
import { answerRounds, spentOn, warmUp } from './rounds-process.ts'

interface Batch {
  readonly orders: readonly SampleOrder[]
  readonly texts: readonly string[]
  /** As the subject has written it. */
  readonly written: Uint8Array
}

const decoder = new TextDecoder()

/** Does the work on one batch. */
const works: Readonly<Record<string, (subject: CodecSubject, batch: Batch) => unknown>> = {
  encode: (subject, { texts }) => subject.encode(texts),
  stringify: (subject, { orders }) => subject.encode(orders.map((order) => JSON.stringify(order))),
  decode: (subject, { written }) => subject.decode(written, () => undefined),
  parse: (subject, { written }) => subject.decode(written, (value) => void JSON.parse(decoder.decode(value))),
}

const [name = '', workName = '', ...counts] = process.argv.slice(2)
const [size = 0, records = 0] = counts.map(Number)
const [subject, work] = [codecSubjects[name], works[workName]]
if (!subject || !work) throw new Error(`there is no '${name}' or no '${workName}'`)
const orders = Array.from({ length: size }, (_, index) => sampleOrder(index))
const texts = orders.map((order) => JSON.stringify(order))
// Two of them ask for a Buffer.
const batch: Batch = { orders, texts, written: Buffer.from(Uint8Array.from(await subject.encode(texts))) }

const measure = (count: number) =>
  spentOn(count, async () => {
    for (let done = 0; done < count; done += size) await work(subject, batch)
  })

await warmUp(() => measure(100_000))
answerRounds(() => measure(records))
