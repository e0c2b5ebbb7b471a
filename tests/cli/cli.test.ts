import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runKafkado, serveKafkado, type ServedKafkado, startKafkado } from './run-kafkado.ts'

describe('the command line', () => {
  let folder: string
  let server: ServedKafkado
  const run = (input: string, ...words: string[]) => runKafkado([...words, '--url', server.url], input)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafkado-cli-'))
    const origins = ['--cors-origin', 'https://shop.example.com', '--cors-origin', 'http://localhost:5173']
    server = await serveKafkado(join(folder, 'data'), '0', ...origins)
  })

  afterAll(async () => {
    await server.end()
    await rm(folder, { recursive: true })
  })

  it('produces JSON lines and prints them again', async () => {
    const produced = await run('{"id":1}\n{"id":2}\n', 'produce', 'numbers', '--key', 'id')
    expect(produced).toMatchObject({ code: 0, errors: '' })
    expect(produced.output).toMatch(/^2 records acknowledged in topic numbers/)
    const consumed = await run('', 'consume', 'numbers', '--max', '2')
    expect(consumed).toMatchObject({ code: 0, output: '{"id":1}\n{"id":2}\n', errors: '' })
    const [first] = (await run('', 'consume', 'numbers', '--until-end', '--json')).output.split('\n')
    expect(JSON.parse(first as string)).toMatchObject({ topic: 'numbers', offset: 0, key: '1', value: { id: 1 } })
  })

  it('produces CSV with quoted commas, and commits for a group', async () => {
    const file = join(folder, 'orders.csv')
    await writeFile(file, 'id,what\n1,"tea, green"\n2,mug\n')
    expect(await run('', 'produce', 'wares', file)).toMatchObject({ code: 0 })
    expect((await run('', 'consume', 'wares', '--group', 'g', '--max', '1')).output).toBe(
      '{"id":"1","what":"tea, green"}\n',
    )
    expect((await run('', 'consume', 'wares', '--group', 'g', '--until-end')).output).toBe('{"id":"2","what":"mug"}\n')
    expect((await run('', 'groups', 'describe', 'g')).output).toMatch(/g: Empty, 0 members, lag 0/)
    expect((await run('', 'groups', 'reset-offsets', 'g', 'wares', 'earliest', '--json')).output).toBe(
      '[{"topic":"wares","partition":0,"offset":0}]\n',
    )
  })

  it('names the line that is malformed, produces the rest, and ends with an error', async () => {
    const { code, output, errors } = await run('{"id":1}\n{"id":2\n{"id":3}\n', 'produce', 'partly')
    expect(code).toBe(1)
    expect(errors).toMatch(/^kafkado: line 2: not JSON: [^\n]*\n$/)
    expect(output).toMatch(/^2 records acknowledged .*; 1 line failed/)
    expect((await run('', 'consume', 'partly', '--until-end')).output).toBe('{"id":1}\n{"id":3}\n')
  })

  it('names the line of a record that is too large', async () => {
    await run('', 'topics', 'create', 'small', '--config', 'max.message.bytes=200')
    const { code, errors } = await run(`{"a":1}\n{"a":"${'x'.repeat(500)}"}\n`, 'produce', 'small')
    expect(code).toBe(1)
    expect(errors).toMatch(
      /^kafkado: line 2: topic 'small' partition 0: .* bytes, the topic takes 200 \(max.message.bytes\).*\n$/,
    )
  })

  it('administers topics', async () => {
    expect(await run('', 'topics', 'create', 'three', '--partitions', '3', '--retention', '1h')).toMatchObject({
      code: 0,
    })
    expect(JSON.parse((await run('', 'topics', 'describe', 'three', '--json')).output)).toMatchObject({
      partitions: 3,
      retentionMs: 3_600_000,
    })
    expect((await run('', 'topics', 'list')).output).toMatch(/three +3/)
    expect(await run('', 'topics', 'delete', 'three')).toMatchObject({ code: 0 })
  })

  it.each<[string, string[], RegExp, number]>([
    ['an unknown topic', ['consume', 'nowhere'], /^kafkado: topic 'nowhere' does not exist\n$/, 1],
    [
      'a topic name that is not valid',
      ['topics', 'create', 'a b'],
      /^kafkado: "a b" is not a valid topic name[^\n]*\n$/,
      1,
    ],
    [
      'a topic that exists',
      ['topics', 'create', 'numbers'],
      /^kafkado: topic 'numbers' exists already \(TOPIC_ALREADY_EXISTS\)\n$/,
      1,
    ],
    [
      'a group that does not exist',
      ['groups', 'describe', 'nobody'],
      /^kafkado: there is no group 'nobody'[^\n]*\n$/,
      1,
    ],
    [
      'a number that is none',
      ['consume', 'numbers', '--max', 'ten'],
      /^kafkado: --max must be a whole number from 1 up, got 'ten'\n$/,
      1,
    ],
    [
      'a start that is none',
      ['consume', 'numbers', '--from', 'soon'],
      /^kafkado: --from must be earliest, latest or a time[^\n]*\n$/,
      1,
    ],
    [
      'a start that is a number and no time',
      ['consume', 'numbers', '--from', '1.5'],
      /^kafkado: --from must be earliest, latest or a time[^\n]*\n$/,
      1,
    ],
    [
      'a format that is none',
      ['produce', 'numbers', '--format', 'xml'],
      /^kafkado: --format must be json or csv, got 'xml'\n$/,
      1,
    ],
    [
      'a file that is not there',
      ['produce', 'numbers', 'no-such-file.jsonl'],
      /^kafkado: no-such-file.jsonl cannot be read: there is no such file\n$/,
      1,
    ],
    ['a folder', ['produce', 'numbers', tmpdir()], /^kafkado: [^\n]* is a folder; name a file in it\n$/, 1],
    [
      'tombstones without keys',
      ['produce', 'numbers', '--tombstones'],
      /^kafkado: --tombstones needs --key, which says what is deleted\n$/,
      1,
    ],
    ['an option that is none', ['topics', 'list', '--colour'], /^kafkado: unknown option '--colour'\n$/, 2],
    ['an argument that is missing', ['produce'], /^kafkado: missing required argument 'topic'\n$/, 2],
  ])('answers %s with one clear line', async (_name, words, message, code) => {
    const finished = await run('', ...words)
    expect(finished.errors).toMatch(message)
    expect(finished).toMatchObject({ code, output: '' })
  })

  it.each([
    ['--keys', 'none.json', {}, /^kafkado: the key file none\.json cannot be read: there is no such file\n$/],
    [
      '--kafka',
      'localhost:1',
      { KAFKA_DO_CA_FILE: tmpdir() },
      /^kafkado: KAFKA_DO_CA_FILE: [^\n]* cannot be read: it is a folder\n$/,
    ],
  ])('says why serve %s %s cannot read its file', async (option, value, environment, message) => {
    const finished = await runKafkado(['serve', option, value, '--port', '0'], '', environment)
    expect(finished.errors).toMatch(message)
    expect(finished).toMatchObject({ code: 1, output: '' })
  })

  it.each(['https://shop.example.com', 'http://localhost:5173'])('serves pages of %s', async (origin) => {
    const asked = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-tenant',
    }
    const { status, headers } = await fetch(`${server.url}/v1/produce`, {
      method: 'OPTIONS',
      headers: { origin, ...asked },
    })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect(headers.get('access-control-allow-headers')).toBe('authorization,x-tenant')
  })

  it('says that an origin to serve is none, and which is meant', async () => {
    const { code, errors } = await runKafkado(['serve', '--memory', '--cors-origin', 'https://shop.example.com/cart'])
    expect(errors).toBe(
      'kafkado: cors.origins (--cors-origin): "https://shop.example.com/cart" is not an origin, did you mean ' +
        'https://shop.example.com?\n',
    )
    expect(code).toBe(1)
  })

  it('says that a server cannot be reached', async () => {
    const { code, errors } = await runKafkado(['topics', 'list', '--url', 'http://127.0.0.1:1', '--wait', '0'])
    expect(errors).toMatch(/^kafkado: cannot reach the kafkado server at http:\/\/127.0.0.1:1: ECONNREFUSED[^\n]*\n$/)
    expect(code).toBe(1)
  })

  it('says that it waits for a server, and gives up after --wait', async () => {
    const words = ['produce', 'numbers', '--url', 'http://127.0.0.1:1', '--wait', '1200ms']
    const { code, errors } = await runKafkado(words, '1\n')
    expect(errors.split('\n')).toEqual([
      'kafkado: waiting for http://127.0.0.1:1, which does not answer; for 1.2 s at most (--wait)',
      expect.stringMatching(/^kafkado: cannot reach the kafkado server at http:\/\/127.0.0.1:1: ECONNREFUSED/),
      '',
    ])
    expect(code).toBe(1)
  })

  it('goes on when the server that it waits for comes up', async () => {
    const other = await serveKafkado(join(folder, 'late'))
    const { port } = new URL(other.url)
    await other.end()
    const child = startKafkado('topics', 'create', 'late', '--url', other.url)
    const [line] = (await once(createInterface({ input: child.stderr }), 'line')) as [string]
    expect(line).toMatch(/waiting for .*30 s at most/)
    const ended = once(child, 'exit')
    const late = await serveKafkado(join(folder, 'late'), port)
    expect(await ended).toEqual([0, null])
    await late.end()
  })

  it('refuses a --wait that is no duration', async () => {
    const { code, errors } = await run('', 'topics', 'list', '--wait', 'soon')
    expect(errors).toBe("kafkado: --wait must be milliseconds or a duration such as 30s or 7d, got 'soon'\n")
    expect(code).toBe(1)
  })

  it.each(['ftp://x', 'localhost:8080'])('does not take the URL %s', async (url) => {
    const { code, errors } = await runKafkado(['topics', 'list', '--url', url])
    expect(errors).toMatch(/^kafkado: [^\n]*(memory:, file:FOLDER)[^\n]*\n$/)
    expect(code).toBe(1)
  })

  it.each([
    ['kafka://user:secret@b1:9092', /^kafkado: kafka: URLs name brokers and nothing else[^\n]*\n$/],
    [
      'kafka://127.0.0.1:1',
      /^kafkado: no broker of the Apache Kafka cluster at 127.0.0.1:1 can be reached: [^\n]*ECONNREFUSED[^\n]*\n$/,
    ],
  ])('says what is wrong with %s', async (url, message) => {
    const { code, errors } = await runKafkado(['topics', 'list', '--url', url, '--wait', '0'])
    expect(errors).toMatch(message)
    expect(errors).not.toContain('secret')
    expect(code).toBe(1)
  })

  it('serves a cluster or an engine, not both', async () => {
    const { code, errors } = await runKafkado(['serve', '--kafka', 'b1:9092', '--memory'])
    expect(errors).toMatch(/^kafkado: [^\n]*--kafka[^\n]*--memory contradict each other[^\n]*\n$/)
    expect(code).toBe(1)
  })

  it('says that a port or a folder is in use', async () => {
    const port = new URL(server.url).port
    const taken = await runKafkado(['serve', '--memory', '--port', port])
    expect(taken.errors).toMatch(
      /^kafkado: cannot listen on 127.0.0.1 port \d+: another program listens there[^\n]*\n$/,
    )
    const locked = await runKafkado(['serve', '--data', join(folder, 'data'), '--port', '0'])
    expect(locked.errors).toMatch(
      new RegExp(`^kafkado: the folder .* is in use by process ${server.process.pid};[^\\n]*\\n$`),
    )
    expect([taken.code, locked.code]).toEqual([1, 1])
  })
})
