import { createKafkaClient, defineTopic } from 'kafkado'
import type { Dimension } from '../dimension.ts'

/** As many bytes at each size. */
const bytesInAll = 50_000_000
const bytesAtATime = 5_000_000

/** Records without a schema around them: bytes go out and come back as they are. The element is a KB, not a record. */
export const recordSize: Dimension = {
  name: 'record-size',
  sizes: [100, 1000, 10_000, 100_000, 1_000_000],
  async run(size, meter) {
    const kafka = createKafkaClient('memory:')
    const blobs = defineTopic('blobs', { value: 'bytes' })
    const value = new Uint8Array(size).fill(120)
    const producer = kafka.producer(blobs)
    const [count, atATime] = [bytesInAll / size, bytesAtATime / size]
    meter.start()
    for (let sent = 0; sent < count; sent += atATime)
      await Promise.all(Array.from({ length: atATime }, () => producer.send(value)))
    meter.stop('produce a KB', bytesInAll / 1000)
    let bytes = 0
    for await (const record of kafka.consume(blobs, { offset: 'earliest' }).take(count)) bytes += record.value.length
    if (bytes !== bytesInAll) throw new Error(`${bytes} bytes came back`)
    meter.stop('consume a KB', bytesInAll / 1000)
    await kafka.close()
  },
}
