// Attacks a server with one key until it is ended, and says now and then what came of it.
import { seededRandom, systemClock } from '@kafkado/core'
import { attacks } from './attacks.ts'

const [port = '', secret = '', seed = '1'] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const counts: Record<string, number> = { attacks: 0 }
const count = (name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}
const attacker = {
  port: Number(port),
  key: { secret },
  random,
  answered: (status: number) => count(`answers ${status}`),
}
const all = Object.values(attacks)

async function attack(): Promise<void> {
  for (;;) {
    await all[Math.floor(random.next() * all.length)]?.(attacker)
    count('attacks')
  }
}

const tell = (): void => {
  process.send?.(counts)
  systemClock.schedule(500, tell)
}
tell()
await Promise.all(Array.from({ length: 8 }, attack))
