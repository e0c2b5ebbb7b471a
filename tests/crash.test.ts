import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createKafkaClient } from 'kafkado'
import { expect, it } from 'vitest'
import { serveKafkado, startKafkado } from './cli/run-kafkado.ts'

const rounds = 5

interface Acknowledgement {
  readonly line: number
  readonly partition: number
  readonly offset: number
}

/** Pipes numbered records into `kafkado produce` without end, and kills the server when so many were acknowledged. */
async function produceUntilKilled(
  url: string,
  first: number,
  killAfter: number,
  kill: () => void,
): Promise<Acknowledgement[]> {
  const child = startKafkado('produce', 'numbers', '--json', '--url', url)
  const acknowledged: Acknowledgement[] = []
  let isOver = false
  const end = (): void => {
    isOver = true
    child.kill('SIGKILL')
  }
  child.stdin.on('error', () => undefined)
  child.stderr.once('data', end)
  let next = first
  const feed = (): void => {
    while (!isOver && child.stdin.write(`{"number":${next++}}\n`));
    if (!isOver) child.stdin.once('drain', feed)
  }
  feed()
  const closed = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.endsWith('}')) continue
    acknowledged.push(JSON.parse(line) as Acknowledgement)
    if (acknowledged.length === killAfter) {
      kill()
      // The producer would go on trying; what it has been told by now is what has to be there.
      end()
    }
  }
  await closed
  return acknowledged
}

it(`has every acknowledged record after kill -9 of the server, ${rounds} times over one folder`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-crash-'))
  const numbers = new Map<number, number>()
  let first = 0
  for (let round = 0; round < rounds; round++) {
    const server = await serveKafkado(folder)
    const gone = once(server.process, 'exit')
    const start = first
    const acknowledged = await produceUntilKilled(server.url, start, 500 + 700 * round, () =>
      server.process.kill('SIGKILL'),
    )
    await gone
    expect(acknowledged.length).toBeGreaterThanOrEqual(500 + 700 * round)
    for (const { line, offset } of acknowledged) {
      expect(numbers.has(offset), `offset ${offset} was given twice`).toBe(false)
      numbers.set(offset, start + line - 1)
    }
    first = start + 1_000_000
  }
  const kafka = createKafkaClient(`file:${folder}`)
  const { offsets } = await kafka.admin.describeTopic('numbers')
  const found = new Map<number, number>()
  const seen = new Set<number>()
  const total = offsets[0]?.latest ?? 0
  for await (const record of kafka.consumer<{ number: number }>('numbers', { group: 'check' }).take(total)) {
    found.set(record.offset, record.value.number)
    expect(seen.has(record.value.number), `number ${record.value.number} is there twice`).toBe(false)
    seen.add(record.value.number)
  }
  await kafka.close()
  await rm(folder, { recursive: true })
  expect(numbers.size).toBeGreaterThan(0)
  for (const [offset, number] of numbers) expect(found.get(offset)).toBe(number)
}, 120_000)
