import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { http, systemClock } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { it } from 'vitest'
import { MortalServer } from '../../durability/mortal-server.ts'
import { playShop } from './shop-situation.ts'

/** More where time does not matter. */
const kills = Number(process.env['KAFKADO_STREAMS_KILLS'] ?? 3)
const seed = Number(process.env['KAFKADO_STREAMS_SEED'] ?? 1)

it(
  `a shop of two members on the disk engine over HTTP survives ${kills} kills and an outage with every sum, row and pair`,
  { timeout: 1_800_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kafkado-shop-'))
    await using server = new MortalServer(
      join(folder, 'server'),
      '--session-timeout',
      '3s',
      '--heartbeat-interval',
      '300ms',
    )
    await server.start()
    const transport = http({ url: server.url })
    const outage = async (): Promise<void> => {
      await server.end()
      await sleep(systemClock, 5000)
      await server.start()
    }
    console.log(await playShop({ transport, url: server.url, folder, seed, kills, outage }))
    await transport.close()
    await rm(folder, { recursive: true })
  },
)
