import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { compressionTypes } from '@kafkado/core/internal'
import { runKafkaTool } from '../../../scripts/kafka/kafka-tool.ts'
import { hasJava } from './java-peer.ts'
import { OurSide } from './our-side.ts'
import { sampleTime } from './sample-records.ts'

/** After this time a tool that gets no answer ends by itself. */
const deadlineMs = 30_000

// As a person would use them.
describe.skipIf(!hasJava())("Apache Kafka's console tools", () => {
  const { bootstrapServers } = inject('kafka')
  const encoder = new TextEncoder()
  let ours: OurSide

  beforeAll(() => {
    ours = new OurSide(bootstrapServers)
  })
  afterAll(() => ours[Symbol.asyncDispose]())

  it('show what we have written, in all codecs', async () => {
    const topic = await ours.newTopic('console-shows')
    for (const [index, compression] of compressionTypes.entries()) {
      const message = {
        key: encoder.encode(`ключ-${index}`),
        value: encoder.encode(`by ${compression} 😀`),
        // It prints the name of a header in the encoding of the system, and all else as it is.
        headers: { codec: compression, size: 'groß' },
        timestamp: sampleTime + index,
      }
      await ours.write(topic, [message], { compression })
    }
    await ours.write(topic, [{ key: encoder.encode('gone'), value: null, timestamp: sampleTime }])

    const shown = ['timestamp', 'partition', 'offset', 'headers', 'key', 'value']
    const output = await runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      `--bootstrap-server=${bootstrapServers}`,
      `--topic=${topic}`,
      '--from-beginning',
      `--max-messages=${compressionTypes.length + 1}`,
      `--timeout-ms=${deadlineMs}`,
      ...shown.flatMap((what) => ['--property', `print.${what}=true`]),
    ])
    expect(output.trimEnd().split('\n')).toEqual([
      ...compressionTypes.map(
        (codec, index) =>
          `CreateTime:${sampleTime + index}\tPartition:0\tOffset:${index}\tcodec:${codec},size:groß\tключ-${index}\tby ${codec} 😀`,
      ),
      `CreateTime:${sampleTime}\tPartition:0\tOffset:5\tNO_HEADERS\tgone\tnull`,
    ])
  })

  it('write what we read', async () => {
    const topic = await ours.newTopic('console-writes')
    const before = Date.now()
    await runKafkaTool(
      'org.apache.kafka.tools.ConsoleProducer',
      [
        `--bootstrap-server=${bootstrapServers}`,
        `--topic=${topic}`,
        '--compression-codec=zstd',
        `--request-timeout-ms=${deadlineMs}`,
        `--max-block-ms=${deadlineMs}`,
        ...['parse.key=true', 'parse.headers=true', 'null.marker=NULL'].flatMap((one) => ['--property', one]),
      ],
      ['a:1,größe:groß\tключ\tvalue 😀', 'NULL\tkey\tNULL', 'b:\t\t'].map((line) => `${line}\n`).join(''),
    )
    const records = await ours.read(topic, 3)
    const text = (content: Uint8Array | null): string | null => content && Buffer.from(content).toString()
    expect(
      records.map(({ key, value, rawHeaders }) => [
        rawHeaders.map(([name, content]) => [name, text(content)]),
        text(key),
        text(value),
      ]),
    ).toEqual([
      [
        [
          ['a', '1'],
          ['größe', 'groß'],
        ],
        'ключ',
        'value 😀',
      ],
      [[], 'key', null],
      [[['b', '']], '', ''],
    ])
    for (const { timestamp } of records) {
      expect(timestamp).toBeGreaterThanOrEqual(before)
      expect(timestamp).toBeLessThanOrEqual(Date.now())
    }
    expect(await ours.storedCodecs(topic)).toEqual(['zstd'])
  })
})
