import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, rounds } from '../median.ts'
import type { ClientMeasurement, Spent } from './measure-client.ts'

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
    for (const [what, json] of [
      ['produce', 'stringify'],
      ['consume', 'parse'],
    ] as const) {
      const middle = (of: (spent: Spent) => number, name: keyof ClientMeasurement): number =>
        median(measurements.map((one) => of(one[name])))
      const speed = middle(({ recordsPerSecond }) => recordsPerSecond, what)
      const cpu = middle(({ cpuSeconds }) => cpuSeconds, what)
      const ofJson = median(measurements.map((one) => one[what].cpuSeconds / one[json].cpuSeconds))
      const speedOfJson = median(measurements.map((one) => one[what].recordsPerSecond / one[json].recordsPerSecond))
      console.log(
        `  ${what.padEnd(8)} ${Math.round(speed / 1000)
          .toString()
          .padStart(
            5,
          )}k records/s, ${speedOfJson.toFixed(2)} of JSON.${json} alone;  ${cpu.toFixed(2)} CPU s a million, ${ofJson.toFixed(2)}× JSON.${json}`,
      )
    }
  }
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
