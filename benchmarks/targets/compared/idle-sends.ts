import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { paced } from '../../pace.ts'
import type { Comparison, Opened, Side, Target } from '../comparison.ts'
import { timesTheCost } from '../judges.ts'
import { type RunningServer, startOurs, startPlain } from '../server-process.ts'
import { forkSide, processScript } from '../side-process.ts'

const kafkado = 'kafkado'
const raw = 'raw'
const script = processScript('idle-sends.ts')

/** One record at a time while nothing else goes on: how long until it is acknowledged. */
export const idleSends: readonly Comparison[] = [
  compare('idle-http-memory', 'over HTTP to memory', 'a request of undici to node:http', (sends) =>
    overHttp('memory', sends),
  ),
  compare('idle-http-disk', 'over HTTP to disk', 'the same, and the server writes and syncs a file first', (sends) =>
    overHttp('disk', sends),
  ),
  compare('idle-file', 'to a folder in the process', 'a write and a sync of a file', inFolder),
]

function compare(name: string, where: string, against: string, open: (sends: string) => Promise<Opened>): Comparison {
  const target = (percentile: 'p50' | 'p99', atMost: number): Target => ({
    name: `${name}-${percentile}`,
    what: `an un-lingered send when idle, ${where}, ${percentile}`,
    ours: kafkado,
    against: [raw],
    ...timesTheCost(`${percentile}Us`, percentile),
    target: atMost,
  })
  return {
    name,
    targets: [target('p50', 2.5), target('p99', 5)],
    settings: `await producer.send(…) with lingerMs 0, acknowledged by all, one after the other, against ${against}.`,
    warmUp: '1,000 sends each',
    open: (pace) => open(String(paced(1000, pace))),
  }
}

async function overHttp(on: 'memory' | 'disk', sends: string): Promise<Opened> {
  const servers: RunningServer[] = [await startOurs(on), await startPlain(on)]
  const urls = servers.map(({ url }) => url)
  const sides: Side[] = [
    await forkSide({ name: kafkado }, script, ['client', urls[0] ?? '', sends]),
    await forkSide({ name: raw }, script, ['request', urls[1] ?? '', sends]),
  ]
  return { sides, close: () => Promise.all(servers.map((server) => server.close())) }
}

async function inFolder(sends: string): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-bench-'))
  const sides: Side[] = [
    await forkSide({ name: kafkado }, script, ['client', `file:${join(folder, 'data')}`, sends]),
    await forkSide({ name: raw }, script, ['file', join(folder, 'raw.log'), sends]),
  ]
  return { sides, close: () => rm(folder, { recursive: true }) }
}
