import {
  DisconnectedError,
  type Duration,
  type KafkaRecord,
  ManualClock,
  type Clock,
  systemClock,
  TimeoutError,
} from '@kafkado/core'
import {
  bounded,
  type ConfigFields,
  durationField,
  functionField,
  integerField,
  objectWith,
  parseConfig,
  toMilliseconds,
} from '@kafkado/core/internal'
import { count as counted, listMessages } from './messages-in-words.ts'

/** What to wait for. */
export interface WaitForMessagesOptions<V = unknown, K = string> {
  /** How many messages are wanted at least; with `match`, how many matching ones. Default 1. */
  count?: number | undefined
  /** Which messages count. Default: all. */
  match?: ((message: KafkaRecord<V, K>) => boolean) | undefined
  /**
   * How long to wait, in real time: neither the mock's clock nor fake timers change it. Default 4 s, a little less than
   * the limit of a test in vitest and jest, so that the error tells what is missing. Raise it together with the test's
   * limit.
   */
  timeout?: Duration | undefined
  /** Ends the wait; the promise rejects with its reason. */
  signal?: AbortSignal | undefined
}

const fields: ConfigFields<WaitForMessagesOptions> = {
  count: integerField(1),
  match: functionField(),
  timeout: durationField(),
  signal: objectWith('addEventListener'),
}

/** The source of the messages. */
interface Source<V, K> {
  readonly topic: string
  /** The mock's clock, for the advice in the error. */
  readonly clock: Clock
  /** Aborts when the mock is closed. */
  readonly closed: AbortSignal
  messages(): KafkaRecord<V, K>[]
  /** Calls the listener whenever there are more. */
  listen(listener: () => void): () => void
}

/** See `MockKafka.waitForMessages`. */
export async function waitForMessages<V, K>(
  source: Source<V, K>,
  given: WaitForMessagesOptions<V, K>,
): Promise<KafkaRecord<V, K>[]> {
  const { count = 1, match, timeout = '4s', signal } = parseConfig('waitForMessages', fields, given) as typeof given
  const wanted = (): KafkaRecord<V, K>[] => (match ? source.messages().filter(match) : source.messages())
  const timeoutMs = toMilliseconds(timeout, 'timeout')
  const timedOut = (): Error => {
    const what = `${counted(count, 'message')}${match ? ' that match' : ''}`
    const found = `${wanted().length} came within ${timeoutMs} ms`
    const message =
      `waitForMessages('${source.topic}'): ${what} wanted, ${found};` +
      ` ${listMessages(source.topic, source.messages())}${adviceFor(source.clock)}`
    return new TimeoutError(message, { outcome: 'failed', retriable: false })
  }
  const bounds = { clock: systemClock, timeoutMs, timedOut, signals: [signal, source.closed] }
  return bounded((over) => untilEnough(source, wanted, count, over), bounds)
}

function untilEnough<T>(
  source: Pick<Source<never, never>, 'listen'>,
  wanted: () => T[],
  count: number,
  over: AbortSignal,
): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      try {
        const found = wanted()
        if (found.length < count) return
        resolve(found)
      } catch (error) {
        // `match` is the test's own code.
        reject(error as Error)
      }
      unlisten()
    }
    const unlisten = source.listen(look)
    over.addEventListener('abort', unlisten, { once: true })
    look()
  })
}

function adviceFor(clock: Clock): string {
  if (!(clock instanceof ManualClock)) return ''
  return (
    "\nThe mock's ManualClock stands still, and producers wait for lingerMs by it: advance it while you wait, " +
    "by kafka.clock.advanceAsync('1s')"
  )
}

/** The error when the mock was closed during the wait. */
export function closedWhileWaiting(): DisconnectedError {
  return new DisconnectedError('the mock was closed while somebody waited for messages', {
    retriable: false,
    outcome: 'failed',
  })
}
