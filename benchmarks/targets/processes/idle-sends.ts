// One send after the other, each awaited: `idle-sends.ts client|request|file URL-OR-FILE SENDS`.
import { open } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { createKafkaClient } from 'kafkado'
import { request } from 'undici'
import { sampleOrder } from '../../sample-records.ts'
import type { Figures } from '../comparison.ts'
import { bodyType, readyBatch, readyBody } from '../produce-frame.ts'
import { answerRounds } from './rounds-process.ts'

interface Sender {
  send(): Promise<unknown>
  close(): Promise<unknown>
}

const [way = '', to = '', count = ''] = process.argv.slice(2)
const { batch } = readyBatch(1)
const senders: Readonly<Record<string, () => Sender | Promise<Sender>>> = {
  client() {
    const kafka = createKafkaClient(to)
    const producer = kafka.producer('orders', { lingerMs: 0 })
    return { send: () => producer.send(sampleOrder(1)), close: () => kafka.close() }
  },
  request() {
    const body = readyBody('orders', batch)
    const headers = { 'content-type': bodyType, accept: 'application/json' }
    const send = async (): Promise<void> => {
      const { body: answer } = await request(`${to}/v1/produce`, { method: 'POST', headers, body })
      await answer.json()
    }
    return { send, close: async () => undefined }
  },
  async file() {
    const file = await open(to, 'a')
    const send = async (): Promise<void> => {
      await file.write(batch)
      await file.datasync()
    }
    return { send, close: () => file.close() }
  },
}

const make = senders[way]
if (!make) throw new Error(`there is no way '${way}'`)
const sender = await make()
await round(1000)
answerRounds(
  () => round(Number(count)),
  () => sender.close(),
)

async function round(sends: number): Promise<Figures> {
  const tookUs: number[] = []
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  for (let sent = 0; sent < sends; sent++) {
    const beforeMs = performance.now()
    await sender.send()
    tookUs.push((performance.now() - beforeMs) * 1000)
  }
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const sorted = tookUs.toSorted((left, right) => left - right)
  const at = (share: number): number => sorted[Math.min(sends - 1, Math.floor(sends * share))] as number
  return { p50Us: at(0.5), p99Us: at(0.99), recordsPerSecond: sends / seconds, cpuUs: (user + system) / sends }
}
