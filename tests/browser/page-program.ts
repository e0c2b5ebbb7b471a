import { createConsumer } from '@kafkado/consumer'
import { http, KafkaError } from '@kafkado/core'
import { createProducer, type Producer } from '@kafkado/producer'

/*
 * What runs in the page, as a user would write it. Its address says what it does: `?url=…` is the server, `group=…`
 * reads `topic` as a member of a group from the start of the page on, and commits every `commitMs`;
 * with `handlers=…` by so many at a time.
 */

/** How a send went, as a test can have it. */
export interface Sent {
  readonly offset?: number
  readonly error?: { readonly code: string; readonly outcome: string; readonly message: string }
  readonly tookMs: number
}

export interface SendOptions {
  readonly partition?: number
  readonly lingerMs?: number
  readonly deliveryTimeout?: number
}

export interface PageProgram {
  send(value: string, options?: SendOptions): Promise<Sent>
  /** Begins a send and does not wait for it. */
  begin(value: string, options?: SendOptions): void
  /** What became of those that were begun. */
  readonly sent: Sent[]
  readonly read: string[]
  /** The partitions that it owns now, and when it first had some, in milliseconds since the page began to load. */
  readonly owned: number[]
  firstOwnedMs: number | undefined
  /** How often it was shown again out of the back/forward cache. */
  timesShownAgain: number
  commit(): Promise<void>
  /** Leaves the group as a program does that ends well. */
  close(): Promise<void>
}

const asked = new URLSearchParams(location.search)
const topic = asked.get('topic') ?? 'orders'
const transport = http({
  url: asked.get('url') as string,
  apiKey: () => Promise.resolve(asked.get('key') ?? ''),
  headers: { 'x-tenant': 'shop', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
})

const producers = new Map<string, Producer<string>>()
function producer(options: object): Producer<string> {
  const name = JSON.stringify(options)
  const known = producers.get(name) ?? createProducer<string>(transport, topic, options)
  producers.set(name, known)
  return known
}

async function send(value: string, { partition, ...options }: SendOptions = {}): Promise<Sent> {
  const startedMs = performance.now()
  const tookMs = (): number => performance.now() - startedMs
  try {
    const { offset } = await producer(options).send(value, { partition })
    return { offset, tookMs: tookMs() }
  } catch (error) {
    if (!KafkaError.is(error)) throw error
    const { code, outcome, message } = error
    return { error: { code, outcome, message }, tookMs: tookMs() }
  }
}

const group = asked.get('group')
const consumer =
  group === null
    ? undefined
    : createConsumer<string>(transport, topic, {
        group,
        instanceId: asked.get('instance') ?? undefined,
        autoCommitInterval: Number(asked.get('commitMs') ?? 200),
      })

const program: PageProgram = {
  send,
  begin: (value, options) => void send(value, options).then((sent) => program.sent.push(sent)),
  sent: [],
  read: [],
  owned: [],
  firstOwnedMs: undefined,
  timesShownAgain: 0,
  commit: async () => consumer?.commit(),
  close: async () => consumer?.close(),
}
Object.assign(globalThis, { program })

addEventListener('pageshow', ({ persisted }) => {
  if (persisted) program.timesShownAgain += 1
})

if (consumer) {
  const given = ({ partitions }: { partitions: readonly { partition: number }[] }): number[] =>
    partitions.map(({ partition }) => partition)
  consumer.on('assigned', (event) => {
    program.owned.push(...given(event))
    program.firstOwnedMs ??= performance.now()
  })
  for (const name of ['revoked', 'lost'] as const) {
    consumer.on(name, (event) => {
      const gone = given(event)
      program.owned.splice(0, Infinity, ...program.owned.filter((one) => !gone.includes(one)))
    })
  }
  const handlers = Number(asked.get('handlers') ?? 0)
  if (handlers > 0)
    void consumer.parallel({ concurrency: handlers, ordering: 'unordered' }, ({ value }) => program.read.push(value))
  else
    void (async () => {
      for await (const { value } of consumer) program.read.push(value)
    })()
}
