import { embedded } from '@kafkado/broker'
import { http, type Random, seededRandom, systemClock, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { MortalServer } from '../durability/mortal-server.ts'
import { MixedLoad } from '../reliability/load/mixed-load.ts'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { within } from '../reliability/within.ts'
import { GatewayHere, GatewayProcess, type MortalGateway } from './mortal-gateway.ts'

interface ThreeServersSize extends Sized {
  readonly secondsPerSeed: number
}

const standStillMs = 180_000

/**
 * Three servers over one engine, which clients ask in turn, die at random and come back. Odd seeds have engine and
 * servers in one process, where a server dies by having its connections reset; even ones have them in four, where it
 * dies by kill -9.
 */
export const threeServers: Part<ThreeServersSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 10 }, secondsPerSeed: 60 },
    ci: { seeds: { first: 1, last: 2 }, secondsPerSeed: 10 },
    quick: { seeds: { first: 1, last: 2 }, secondsPerSeed: 2 },
  },
  async run({ seeds, secondsPerSeed }) {
    const report = new ReportBuilder(seeds)
    await report.eachSeedInFolder(async (seed, folder) => {
      await using engine = await (seed % 2 === 1 ? engineHere(folder) : engineProcess(folder))
      const wrong = await runServers(engine.gateways, seededRandom(seed), secondsPerSeed, report)
      report.violations.push(...wrong.map((what) => `seed ${seed}: ${what}`))
    })
    return report.build()
  },
}

interface EngineWithGateways extends AsyncDisposable {
  readonly gateways: readonly MortalGateway[]
}

function engineHere(folder: string): Promise<EngineWithGateways> {
  const engine = embedded(folder, { heartbeatInterval: 500 })
  const gateways = [0, 1, 2].map(() => new GatewayHere(engine))
  return Promise.resolve({ gateways, [Symbol.asyncDispose]: () => endAll(gateways).then(() => engine.close()) })
}

async function engineProcess(folder: string): Promise<EngineWithGateways> {
  const server = new MortalServer(folder, '--heartbeat-interval', '500ms')
  await server.start()
  const gateways = [0, 1, 2].map(() => new GatewayProcess(server.url))
  const end = (): Promise<void> => endAll(gateways).then(() => server[Symbol.asyncDispose]())
  return { gateways, [Symbol.asyncDispose]: end }
}

async function endAll(gateways: readonly MortalGateway[]): Promise<void> {
  for (const gateway of gateways) await gateway[Symbol.asyncDispose]()
}

async function runServers(
  gateways: readonly MortalGateway[],
  random: Random,
  seconds: number,
  report: ReportBuilder,
): Promise<string[]> {
  for (const gateway of gateways) await gateway.start()
  const transport = inTurn(gateways.map(({ url }) => url))
  try {
    const load = await MixedLoad.start(transport, random)
    const endMs = systemClock.monotonic() + seconds * 1000
    const lives = await Promise.all(gateways.map((gateway) => liveAndDie(gateway, random, endMs)))
    await within(load.someMore(), standStillMs, 'the load after the last kill')
    const wrong = await within(load.finish(), 2 * standStillMs, 'the load')
    report.add({ seconds, kills: lives.reduce((sum, kills) => sum + kills, 0), ...load.counts })
    return wrong
  } finally {
    await transport.close()
  }
}

/** Returns how often it died until its time was over; then it lives. */
async function liveAndDie(gateway: MortalGateway, random: Random, endMs: number): Promise<number> {
  let kills = 0
  for (;;) {
    await sleep(systemClock, 200 + random.next() * 2500)
    if (systemClock.monotonic() >= endMs) return kills
    await gateway.kill()
    kills++
    await sleep(systemClock, random.next() * 800)
    await gateway.start()
  }
}

/** As behind a balancer that gives each request to the next server, and knows nothing of their health. */
function inTurn(urls: readonly string[]): Transport {
  let count = 0
  return http({
    url: 'http://balancer',
    fetch: (input, init) => fetch(new URL(new URL(input).pathname, urls[count++ % urls.length]), init),
  })
}
