import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTo } from 'node:net'
import { createInterface } from 'node:readline'
import { memory } from '@kafkado/broker'
import { type RunningServer, serve } from '@kafkado/server/node'
import { createKafkaClient, type KafkaClient } from 'kafkado'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import packageFile from '../../packages/kafkado/package.json' with { type: 'json' }
import { until } from '../passing-time.ts'
import { runKafkado, startKafkado } from './run-kafkado.ts'

const hourMs = 3_600_000
const startMs = Date.UTC(2026, 0, 1)

describe('each command', () => {
  let engine: ReturnType<typeof memory>
  let server: RunningServer
  let kafka: KafkaClient
  let topic: string
  let group: string
  let count = 0

  beforeAll(async () => {
    engine = memory({ cleanupInterval: '1d' })
    server = await serve({ transport: engine, port: 0 })
    kafka = createKafkaClient(engine)
  })
  afterAll(async () => {
    await kafka?.close()
    await server?.close()
    await engine?.close()
  })

  /** Two partitions: four records, one an hour, of which the group has committed two; and one record. */
  beforeEach(async () => {
    topic = `orders-${count}`
    group = `mailer-${count++}`
    await kafka.admin.createTopic(topic, { partitions: 2, retentionMs: -1 })
    await kafka
      .producer<number>(topic)
      .sendBatch([0, 1, 2, 3].map((value) => ({ value, partition: 0, timestamp: startMs + value * hourMs })))
    await kafka.producer<number>(topic).send(10, { partition: 1, timestamp: startMs + 10 * hourMs })
    await kafka.admin.resetOffsets(group, topic, { offset: 2 })
  })

  const run = (words: readonly string[], input?: string) => runKafkado(there(words), input)
  const start = (words: readonly string[]) => startKafkado(...there(words))
  /** What comes after -- are no options. */
  const there = (words: readonly string[]) => {
    const [before, after] = [words.indexOf('--'), named(words)]
    return before < 0 ? [...after, '--url', server.url] : after.toSpliced(before, 0, '--url', server.url)
  }
  /** TOPIC and GROUP stand for those of the test. */
  const named = (words: readonly string[]) =>
    words.map((word) => (word === 'TOPIC' ? topic : word === 'GROUP' ? group : word))
  const inTable = (text: string) =>
    text.replaceAll(topic, 'TOPIC').replaceAll(group, 'GROUP').replaceAll(/ {2,}/g, '  ').trimEnd().split('\n')
  const committed = async (id = group) =>
    (await kafka.admin.describeGroup(id)).offsets
      .toSorted((one, other) => one.partition - other.partition)
      .map((offset) => offset.committed)

  describe('groups', () => {
    it('list: every group with its state, for people and for programs', async () => {
      const { code, output } = await run(['groups', 'list'])
      expect(code).toBe(0)
      const [heading, ...rows] = inTable(output)
      expect(heading).toBe('GROUP  STATE')
      expect(rows).toContain('GROUP  Empty')
      const printed = JSON.parse((await run(['groups', 'list', '--json'])).output) as unknown
      expect(printed).toEqual(await kafka.admin.listGroups())
    })

    it('describe: what is committed and what is left, for people and for programs', async () => {
      expect(inTable((await run(['groups', 'describe', 'GROUP'])).output)).toEqual([
        'GROUP: Empty, 0 members, lag 2',
        'TOPIC  PARTITION  COMMITTED  LATEST  LAG',
        'TOPIC  0  2  4  2',
        'TOPIC  1  1  1  0',
      ])
      const printed = JSON.parse((await run(['groups', 'describe', 'GROUP', '--json'])).output) as unknown
      expect(printed).toEqual(JSON.parse(JSON.stringify(await kafka.admin.describeGroup(group))))
    })

    it.each<[position: string, offsets: number[]]>([
      ['earliest', [0, 0]],
      ['latest', [4, 1]],
      ['1', [1, 1]],
      ['99', [4, 1]],
      ['2026-01-01T03:00:00Z', [3, 0]],
      ['2030-01-01', [4, 1]],
    ])('reset-offsets to %s', async (position, offsets) => {
      const { code, output, errors } = await run(['groups', 'reset-offsets', 'GROUP', 'TOPIC', position])
      expect([code, errors]).toEqual([0, ''])
      expect(inTable(output)).toEqual([
        'TOPIC  PARTITION  OFFSET',
        `TOPIC  0  ${offsets[0]}`,
        `TOPIC  1  ${offsets[1]}`,
      ])
      expect(await committed()).toEqual(offsets)
    })

    it.each(['soon', '-1', '1.5'])('reset-offsets to %s is refused, and nothing is committed', async (position) => {
      const { code, errors } = await run(['groups', 'reset-offsets', 'GROUP', 'TOPIC', '--', position])
      expect(errors).toBe(`kafkado: the position must be earliest, latest, an offset or a time, got '${position}'\n`)
      expect(code).toBe(1)
      expect(await committed()).toEqual([2, 1])
    })

    it('reset-offsets of a group that has members is refused', async () => {
      const consumer = kafka.consumer(topic, { group })
      await consumer.next()
      const { code, errors } = await run(['groups', 'reset-offsets', 'GROUP', 'TOPIC', 'earliest'])
      expect(errors).toMatch(/^kafkado: [^\n]*has 1 members; stop them before[^\n]*\n$/)
      expect(code).toBe(1)
      await consumer.close()
    })

    it('delete', async () => {
      expect(await run(['groups', 'delete', 'GROUP'])).toMatchObject({ code: 0, output: `deleted group ${group}\n` })
      expect((await kafka.admin.listGroups()).map(({ id }) => id)).not.toContain(group)
      expect(await run(['groups', 'delete', 'GROUP'])).toMatchObject({ code: 1 })
    })
  })

  describe('topics', () => {
    it('list, for programs', async () => {
      const printed = JSON.parse((await run(['topics', 'list', '--json'])).output) as { name: string }[]
      expect(printed.find(({ name }) => name === topic)).toMatchObject({ partitions: 2 })
    })

    it('describe, for people', async () => {
      expect(inTable((await run(['topics', 'describe', 'TOPIC'])).output)).toEqual([
        'TOPIC: 2 partitions, records kept -1 ms',
        'PARTITION  EARLIEST  LATEST  LEADER',
        expect.stringMatching(/^ *0 {2}0 {2}4 {2}\d+$/),
        expect.stringMatching(/^ *1 {2}0 {2}1 {2}\d+$/),
      ])
    })

    it('alter: more partitions, another retention, settings by name', async () => {
      const words = [
        '--partitions',
        '3',
        '--retention',
        '7d',
        '--config',
        'max.message.bytes=999',
        'cleanup.policy=compact',
      ]
      expect(await run(['topics', 'alter', 'TOPIC', ...words])).toMatchObject({
        code: 0,
        output: `altered topic ${topic}\n`,
      })
      expect(await kafka.admin.describeTopic(topic)).toMatchObject({
        partitions: 3,
        retentionMs: 7 * 24 * hourMs,
        config: { 'max.message.bytes': '999', 'cleanup.policy': 'compact' },
      })
    })

    it('alter: keeps records for ever by --retention -1', async () => {
      await kafka.admin.alterTopic(topic, { retentionMs: hourMs })
      expect(await run(['topics', 'alter', 'TOPIC', '--retention', '-1'])).toMatchObject({ code: 0 })
      expect((await kafka.admin.describeTopic(topic)).retentionMs).toBe(-1)
    })

    it.each<[words: string[], message: string]>([
      [['--config', 'retention'], "--config takes name=value, got 'retention'"],
      [['--config', '=5'], "--config takes name=value, got '=5'"],
      [['--retention', 'long'], "--retention must be milliseconds or a duration such as 30s or 7d, got 'long'"],
      [['--partitions', '0'], "--partitions must be a whole number from 1 up, got '0'"],
      [['--partitions', ' '], "--partitions must be a whole number from 1 up, got ' '"],
    ])('alter %j is refused in words', async (words, message) => {
      expect(await run(['topics', 'alter', 'TOPIC', ...words])).toMatchObject({
        code: 1,
        output: '',
        errors: `kafkado: ${message}\n`,
      })
    })
  })

  describe('consume', () => {
    it.each<[from: string, values: number[]]>([
      ['earliest', [0, 1, 2, 3, 10]],
      ['2026-01-01T02:00:00Z', [2, 3, 10]],
      [String(startMs + 3 * hourMs), [3, 10]],
    ])('--from %s --until-end', async (from, values) => {
      const { code, output } = await run(['consume', 'TOPIC', '--from', from, '--until-end'])
      expect(code).toBe(0)
      expect(
        output
          .trim()
          .split('\n')
          .map(Number)
          .sort((one, other) => one - other),
      ).toEqual(values)
    })

    it.each([
      ['a group that has read everything', ['--group', 'GROUP']],
      ['a start at the end', ['--from', 'latest']],
      ['a start after all records of one partition', ['--from', '2026-01-01T05:00:00Z', '--max', '2']],
    ])('--until-end ends with %s', async (what, words) => {
      await kafka.admin.resetOffsets(group, topic, 'latest')
      const { code, output, errors } = await run(['consume', 'TOPIC', '--until-end', ...words])
      expect([code, errors, output]).toEqual([0, '', what.startsWith('a start after') ? '10\n' : ''])
    })

    it('--until-end of what is empty prints nothing and ends', async () => {
      await kafka.admin.createTopic(`${topic}-empty`)
      expect(await run(['consume', `${topic}-empty`, '--until-end'])).toMatchObject({ code: 0, output: '', errors: '' })
    })

    it('leaves no group behind that nobody has asked for', async () => {
      const before = (await kafka.admin.listGroups()).map(({ id }) => id)
      await run(['consume', 'TOPIC', '--until-end'])
      expect((await kafka.admin.listGroups()).map(({ id }) => id)).toEqual(before)
    })

    it('prints an empty line for a record without a value', async () => {
      await kafka.producer<unknown>(topic).send(null, { partition: 1, key: 'k' })
      await kafka.admin.resetOffsets(group, topic, 'latest')
      await kafka.producer<unknown>(topic).send(null, { partition: 1, key: 'k' })
      expect((await run(['consume', 'TOPIC', '--group', 'GROUP', '--max', '1'])).output).toBe('\n')
    })

    it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it quietly, and what was printed is committed', async (signal) => {
      const child = start(['consume', 'TOPIC', '--group', 'GROUP'])
      const lines: string[] = []
      createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
      await until(() => lines.length === 2)
      child.kill(signal)
      expect(await once(child, 'exit')).toEqual([0, null])
      expect(lines).toEqual(['2', '3'])
      expect(await committed()).toEqual([4, 1])
    })

    it('ends without an error when its reader has seen enough', async () => {
      await kafka.producer<string>(topic).sendBatch(Array(5000).fill({ value: 'x'.repeat(1000), partition: 1 }))
      const child = start(['consume', 'TOPIC'])
      let errors = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
      await once(child.stdout, 'data')
      child.stdout.destroy()
      expect(await once(child, 'exit')).toEqual([0, null])
      expect(errors).toBe('')
    })
  })

  describe('produce', () => {
    const values = async (partition = 0): Promise<unknown[]> => {
      const { output } = await run([
        'consume',
        'TOPIC',
        '--until-end',
        '--json',
        '--from',
        String(startMs + 24 * hourMs),
      ])
      const records = output.split('\n').filter(Boolean)
      return records
        .map((line) => JSON.parse(line) as { partition: number })
        .filter((one) => one.partition === partition)
    }

    it('--json: a line for each acknowledged record, and nothing else', async () => {
      const { code, output } = await run(['produce', 'TOPIC', '--json'], '{"id":1}\n\n{"id":2}\n')
      expect(code).toBe(0)
      const lines = output.trim().split('\n')
      const told = lines.map((line) => JSON.parse(line) as { line: number; partition: number; offset: number })
      expect(told.map(({ line }) => line).sort((one, other) => one - other)).toEqual([1, 3])
      const ends = (await kafka.admin.describeTopic(topic)).offsets
      for (const { partition, offset } of told) expect(offset).toBeLessThan(ends[partition]?.latest ?? 0)
    })

    it('--key: text as it is, other values as JSON, no key for null; a record without the field is refused', async () => {
      await kafka.admin.createTopic(`${topic}-one`)
      const lines = ['{"id":"a"}', '{"id":7}', '{"id":{"x":1e400}}', '{"other":1}', '{"id":null}', '5']
      const { code, errors } = await run(['produce', `${topic}-one`, '-', '--key', 'id'], lines.join('\n'))
      expect([code, errors]).toEqual([
        1,
        "kafkado: line 4: there is no field 'id', only other\nkafkado: line 6: there is no field 'id', as it is no " +
          'JSON object\n',
      ])
      const { output } = await run(['consume', `${topic}-one`, '--until-end', '--json'])
      const keys = output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { key: string | null }).key)
      expect(keys).toEqual(['a', '7', '{"x":1e400}', null])
    })

    it('CSV: names the row that does not fit its heading, and sends the others', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'kafkado-csv-'))
      const file = join(folder, 'orders.CSV')
      await writeFile(file, '\uFEFFid,what\n1,tea\n2,mug,too much\n\n3,"a ""b"""\n4\n')
      const { code, output, errors } = await run(['produce', 'TOPIC', file])
      expect(code).toBe(1)
      expect(errors.trim().split('\n')).toEqual([
        expect.stringMatching(/^kafkado: line 3: the row has 3 values, and the heading 2 columns$/),
        expect.stringMatching(/^kafkado: line 6: the row has 1 values, and the heading 2 columns$/),
      ])
      expect(output).toMatch(/^2 records acknowledged in topic [^;]*; 2 lines failed\n$/)
      const sent = [...(await values(0)), ...(await values(1))] as { value: unknown }[]
      expect(sent.map(({ value }) => value)).toEqual(
        expect.arrayContaining([
          { id: '1', what: 'tea' },
          { id: '3', what: 'a "b"' },
        ]),
      )
      await rm(folder, { recursive: true })
    })

    it.each([
      ['json', '{"id":1}\n'],
      ['csv', `id\n${'1\n'.repeat(50)}`],
    ])('of %s: one Ctrl-C ends it while its input is open, and says what was sent', async (format, input) => {
      const child = start(['produce', 'TOPIC', '--format', format])
      let output = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
      child.stdin.write(input)
      const latest = async (): Promise<number> =>
        (await kafka.admin.describeTopic(topic)).offsets.reduce((sum, one) => sum + one.latest, 0)
      await until(async () => (await latest()) > 5)
      child.kill('SIGINT')
      expect(await once(child, 'close')).toEqual([0, null])
      expect(output).toMatch(new RegExp(`^${(await latest()) - 5} records? acknowledged in topic `))
    })
  })

  describe('serve', () => {
    const memoryServer = ['serve', '--memory', '--port', '0']

    it('says where it listens and where records are, and ends at the first Ctrl-C', async () => {
      const child = startKafkado(...memoryServer)
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      expect(line).toMatch(/^kafkado serves http:\/\/127\.0\.0\.1:\d+, records in memory; Ctrl-C ends it$/)
      child.kill('SIGINT')
      expect(await once(child, 'exit')).toEqual([0, null])
    })

    it.each([
      ['SIGTERM', 'SIGINT'],
      ['SIGINT', 'SIGTERM'],
      ['SIGTERM', 'SIGTERM'],
    ] as const)('answers what is under way after %s, and ends at once after a further %s', async (first, second) => {
      const child = startKafkado(...memoryServer, '--json', '--log-level', 'info')
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      const { port } = new URL((JSON.parse(line) as { url: string }).url)
      const logged = createInterface({ input: child.stderr })
      // A request whose body never comes is under way.
      const socket = connectTo(Number(port), '127.0.0.1')
      socket.on('error', () => undefined)
      const head = ['POST /v1/metadata HTTP/1.1', 'host: localhost', 'content-type: application/json']
      socket.write([...head, 'expect: 100-continue', 'content-length: 9', '', ''].join('\r\n'))
      await once(socket, 'data')
      child.kill(first)
      for await (const entry of logged) if (entry.includes('closes, with 1 requests under way')) break
      child.kill(second)
      expect(await once(child, 'exit')).toEqual([null, second])
      socket.destroy()
    })

    it.each<[words: string[], message: RegExp]>([
      [['--port', 'http'], /^kafkado: --port must be a whole number from 0 up, got 'http'\n$/],
      [['--port', '65536'], /^kafkado: --port must be from 0 to 65535, got 65536\n$/],
      [
        ['--scrub-bytes-per-second', 'fast'],
        /^kafkado: --scrub-bytes-per-second must be a whole number from 0 up, got 'fast'\n$/,
      ],
      [
        ['--session-timeout', 'long'],
        /^kafkado: --session-timeout must be milliseconds or a duration such as 30s or 7d, got 'long'\n$/,
      ],
      [['--host', '0.0.0.0'], /^kafkado: [^\n]*0\.0\.0\.0[^\n]*\n$/],
      [['--keys', '/no/such/file'], /^kafkado: [^\n]*\/no\/such\/file[^\n]*\n$/],
    ])('%j is refused in one line, and the process ends', async (words, message) => {
      const { code, errors } = await runKafkado([...memoryServer, ...words])
      expect(errors).toMatch(message)
      expect(code).toBe(1)
    })

    it('a cluster that is not there is said before anybody connects', async () => {
      const { code, errors, output } = await runKafkado(['serve', '--kafka', '127.0.0.1:1', '--port', '0'])
      expect(errors).toMatch(/^kafkado: no broker [^\n]*127\.0\.0\.1:1[^\n]*\n$/)
      expect([code, output]).toEqual([1, ''])
    })
  })

  it('--version: that of the package', async () => {
    expect(await runKafkado(['--version'])).toMatchObject({ code: 0, errors: '', output: `${packageFile.version}\n` })
  })

  it.each([[[]], [['topics']]])('%j alone prints the help as it is, as a wrong use', async (words) => {
    const { code, errors, output } = await runKafkado(words)
    expect([code, output]).toEqual([2, ''])
    expect(errors).toMatch(/^Usage: kafkado .*\n\n[^]*\nCommands:\n/)
  })

  it.each([
    [['--memory', '--data', 'x'], '--memory and --data'],
    [['--memory', '--storage', 'sqlite'], '--memory and --storage'],
    [['--insecure', '--keys', 'x'], '--insecure and --keys'],
    [['--kafka', 'b:1', '--memory'], '--kafka and --memory'],
  ])('serve %j contradicts itself', async (words, both) => {
    const { code, errors } = await runKafkado(['serve', ...words, '--port', '0'])
    expect(errors).toBe(`kafkado: ${both} contradict each other; leave one out\n`)
    expect(code).toBe(1)
  })

  it.each([
    [['complete', 'bash'], /kafkado/],
    [['complete', '--', ''], /^topics\t/m],
    [['complete', '--', 'topics', ''], /^create\b/m],
    [['complete', '--', 'topics', 'create', 'orders', '--part'], /^--partitions\b/m],
  ])('%j is what a shell asks for completion', async (words, output) => {
    expect(await runKafkado(words)).toMatchObject({ code: 0, errors: '', output: expect.stringMatching(output) })
  })

  it('complete names the shells that it knows', async () => {
    const { code, errors, output } = await runKafkado(['complete', 'nosh'])
    expect([code, output]).toEqual([2, ''])
    expect(errors).toMatch(/^kafkado: .*'nosh'.*bash.*\n$/)
  })

  it.each([['--help'], ['help', 'topics']])('%s is no error', async (...words) => {
    expect(await runKafkado(words)).toMatchObject({ code: 0, errors: '', output: expect.stringMatching(/^Usage: /) })
  })
})
