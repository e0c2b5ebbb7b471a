import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, rounds } from '../median.ts'
import { type ClientMeasurement, waysToConsume, waysToProduce } from './ways.ts'

const run = promisify(execFile)
const execArgv = ['--conditions=kafkado-source']
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Produce and consume from end to end by the public interface and its defaults, beside the JSON that is in it. */
export async function benchmarkClients(): Promise<void> {
  const results: Record<string, ClientMeasurement[]> = { memory: [], 'HTTP to memory': [], 'HTTP to disk': [] }
  for (let round = 0; round < rounds; round++) {
    results['memory']?.push(await measure(''))
    results['HTTP to memory']?.push(await withServer(undefined, measure))
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
    results['HTTP to disk']?.push(await withServer(folder, measure))
    await rm(folder, { recursive: true })
  }
  for (const [place, measurements] of Object.entries(results)) {
    console.log(`\n${place}: 200-byte objects (medians of ${rounds} interleaved rounds)`)
    for (const way of waysToProduce) console.log(row(`produce, ${way}`, measurements, way, 'stringify'))
    for (const way of waysToConsume) console.log(row(`consume, ${way}`, measurements, way, 'parse'))
  }
}

function row(
  title: string,
  measurements: readonly ClientMeasurement[],
  way: keyof ClientMeasurement,
  json: 'stringify' | 'parse',
): string {
  const middle = (of: (one: ClientMeasurement) => number): number => median(measurements.map(of))
  const speed = Math.round(middle((one) => one[way].recordsPerSecond) / 1000)
  const cpu = middle((one) => one[way].cpuSeconds).toFixed(2)
  const ofJson = middle((one) => one[way].cpuSeconds / one[json].cpuSeconds).toFixed(2)
  const speedOfJson = middle((one) => one[way].recordsPerSecond / one[json].recordsPerSecond).toFixed(2)
  return (
    `  ${title.padEnd(26)} ${String(speed).padStart(5)}k records/s, ${speedOfJson} of JSON.${json} alone;  ` +
    `${cpu} CPU s a million, ${ofJson}× JSON.${json}`
  )
}

async function measure(url: string): Promise<ClientMeasurement> {
  const { stdout } = await run(process.execPath, [...execArgv, script('measure-client.ts'), url])
  return JSON.parse(stdout) as ClientMeasurement
}

async function withServer<T>(folder: string | undefined, act: (url: string) => Promise<T>): Promise<T> {
  const server = fork(script('server-process.ts'), folder === undefined ? [] : [folder], { execArgv })
  const [{ url }] = (await once(server, 'message')) as [{ url: string }]
  try {
    return await act(url)
  } finally {
    const gone = once(server, 'exit')
    server.disconnect()
    await gone
  }
}
