import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Admin, createAdmin } from '@kafkado/admin'
import { http, isKafkaError, type Random, seededRandom, systemClock, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { createProducer } from '@kafkado/producer'
import { MortalServer } from '../durability/mortal-server.ts'
import { KillableProcess } from '../reliability/killable-process.ts'
import { type Part, ReportBuilder, type Sized } from '../reliability/report.ts'
import { within } from '../reliability/within.ts'
import { ChurnJournal } from './churn-journal.ts'
import { ChurnJudge } from './churn-judge.ts'

interface ChurnSize extends Sized {
  readonly eventsPerSeed: number
}

const partitions = 6
const mostMembers = 4
const memberFile = fileURLToPath(new URL('churn-member.ts', import.meta.url))
/** Longer than a session of 5 s. */
const stallMs = 7000
const standStillMs = 180_000

/**
 * Members of a group in processes of their own, over HTTP, which join, leave, are killed, and are stopped for longer
 * than their session: no partition has two owners, nothing is committed that was not processed, and every record is
 * processed.
 */
export const realChurn: Part<ChurnSize> = {
  sizes: {
    full: { seeds: { first: 1, last: 4 }, eventsPerSeed: 60 },
    ci: { seeds: { first: 1, last: 1 }, eventsPerSeed: 12 },
    quick: { seeds: { first: 1, last: 1 }, eventsPerSeed: 6 },
  },
  async run({ seeds, eventsPerSeed }) {
    const report = new ReportBuilder(seeds)
    await report.eachSeedInFolder(async (seed, folder) => {
      await using churn = await RealChurn.start(folder, seed)
      for (let event = 0; event < eventsPerSeed; event++) await churn.step()
      await churn.finish()
      report.violations.push(...churn.judge.violations.map((what) => `seed ${seed}: ${what}`))
      report.add(churn.counts)
    })
    return report.build()
  },
}

class RealChurn implements AsyncDisposable {
  readonly judge = new ChurnJudge(partitions)
  readonly #server: MortalServer
  readonly #path: string
  readonly #journal: ChurnJournal
  readonly #transport: Transport
  readonly #admin: Admin
  readonly #random: Random
  readonly #members = new Map<string, KillableProcess>()
  readonly #stalls = new Set<Promise<void>>()
  readonly #counts = { events: 0, joins: 0, leaves: 0, kills: 0, stalls: 0 }
  #isOver = false
  readonly #producing: Promise<void>

  static async start(folder: string, seed: number): Promise<RealChurn> {
    const server = new MortalServer(join(folder, 'server'), '--session-timeout', '5s', '--heartbeat-interval', '300ms')
    await server.start()
    const transport = http(server.url)
    await createAdmin(transport).createTopic('numbers', { partitions })
    return new RealChurn(server, join(folder, 'journal'), transport, seed)
  }

  private constructor(server: MortalServer, path: string, transport: Transport, seed: number) {
    this.#server = server
    this.#path = path
    this.#journal = new ChurnJournal(path)
    this.#transport = transport
    this.#admin = createAdmin(transport)
    this.#random = seededRandom(seed)
    this.#producing = this.#produce()
  }

  get counts(): Record<string, number> {
    const { joined, processed, repeated } = this.judge
    return {
      ...this.#counts,
      'members that got partitions': joined,
      'records processed': processed,
      'records processed again': repeated,
    }
  }

  /** One thing that happens, and a while in which it has its effects. */
  async step(): Promise<void> {
    this.#counts.events++
    const names = [...this.#members.keys()]
    const chosen = names[Math.floor(this.#random.next() * names.length)]
    const choice = this.#random.next()
    // What happens to an empty group shows nothing, and processes start slowly on a machine that is busy.
    if (chosen === undefined) await this.#joined(this.#join())
    else if (choice < 0.45 && names.length < mostMembers) this.#join()
    else if (choice < 0.65) await this.#leave(chosen)
    else if (choice < 0.85) await this.#kill(chosen)
    else this.#stall(chosen)
    await sleep(systemClock, this.#random.next() * 1500)
    await this.#look()
  }

  /** Lets the group come to rest, with one member at least; then everything has to have been processed. */
  async finish(): Promise<void> {
    await this.#joined(this.#join())
    this.#isOver = true
    await this.#producing
    await Promise.all(this.#stalls)
    const isAllCommitted = async (): Promise<boolean> => {
      const { offsets } = await this.#admin.describeGroup('churn')
      return offsets.length === partitions && offsets.every(({ lag }) => lag === 0)
    }
    const untilCommitted = async (): Promise<void> => {
      while (!(await isAllCommitted())) await sleep(systemClock, 50)
    }
    await within(untilCommitted(), standStillMs, 'the reading of everything')
    for (const name of this.#members.keys()) await this.#leave(name)
    await this.#look()
    for (const { partition, latest } of (await this.#admin.describeTopic('numbers')).offsets)
      this.judge.ended(partition, latest)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    for (const member of this.#members.values()) await member[Symbol.asyncDispose]()
    await this.#producing.catch(() => undefined)
    await this.#transport.close()
    await this.#server[Symbol.asyncDispose]()
    this.#journal[Symbol.dispose]()
  }

  async #produce(): Promise<void> {
    const producer = createProducer<number>(this.#transport, 'numbers')
    for (let count = 0; !this.#isOver; count += 12) {
      await producer.sendBatch(
        [...Array(12).keys()].map((one) => ({ value: count + one, partition: one % partitions })),
      )
      await sleep(systemClock, 50)
    }
    await producer.close()
  }

  #join(): string {
    const name = `member ${this.#counts.joins++}`
    this.#members.set(name, new KillableProcess(memberFile, this.#server.url, this.#path, name))
    return name
  }

  /** Resolves when a member that was just started has got partitions, and so is in the group. */
  async #joined(name: string): Promise<void> {
    const member = this.#members.get(name) as KillableProcess
    await within(member.message(), standStillMs, 'its start').catch((cause: unknown) => {
      throw new Error(`nobody joined the group: ${name} got no partitions`, { cause })
    })
  }

  async #leave(name: string): Promise<void> {
    this.#counts.leaves++
    const member = this.#members.get(name) as KillableProcess
    this.#members.delete(name)
    const code = await within(member.end('SIGTERM'), standStillMs, `the end of ${name}`)
    // One that is asked before it listens is ended by the signal.
    if (code !== 0 && code !== null) this.judge.violations.push(`${name} ended with ${code}`)
    this.#journal.write({ member: name, what: 'dead' })
  }

  async #kill(name: string): Promise<void> {
    this.#counts.kills++
    const member = this.#members.get(name) as KillableProcess
    this.#members.delete(name)
    const code = await member.end('SIGKILL')
    if (code !== null) this.judge.violations.push(`${name} had ended with ${code} before it was killed`)
    this.#journal.write({ member: name, what: 'dead' })
  }

  /** It goes on later, and has to find out by itself that others have its partitions. */
  #stall(name: string): void {
    this.#counts.stalls++
    const member = this.#members.get(name) as KillableProcess
    this.#journal.write({ member: name, what: 'dead' })
    member.signal('SIGSTOP')
    const stalled = sleep(systemClock, stallMs).then(() => {
      member.signal('SIGCONT')
      this.#stalls.delete(stalled)
    })
    this.#stalls.add(stalled)
  }

  /** Commits first, then what was noted: whatever is committed has been noted as processed before. */
  async #look(): Promise<void> {
    const group = await this.#admin.describeGroup('churn').catch(missingGroup)
    this.judge.look(group?.offsets, this.#journal.read())
  }
}

/** @throws the error, when it says anything but that there is no such group */
function missingGroup(error: unknown): undefined {
  if (!isKafkaError(error, 'GROUP_ID_NOT_FOUND')) throw error
}
