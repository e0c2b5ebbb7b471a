import { lowLevel } from '../../../packages/wire/src/connection/low-level.ts'
import { saslExchange } from '../../../packages/wire/src/connection/sasl.ts'
import { joined } from '../mutator.ts'
import { expect, ofAnEngine, type Target } from '../target.ts'

const encoder = new TextEncoder()
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const
const library = lowLevel()
const credentials = { username: 'u', password: 'p', token: 't' }

type Done = (error: Error | null, response?: { authBytes: Buffer; sessionLifetimeMs: bigint }) => void

/** The nonce of the client is by chance; in an answer it stands for `$`. */
const nonceOf = (sent: Uint8Array): string => /r=([^,]*)/.exec(Buffer.from(sent).toString())?.[1] ?? ''

/**
 * The first byte tells the mechanism; then come the broker's messages, with the byte 0x5c between them. Whatever they
 * are, the exchange ends with an answer or with one error: what is thrown at a socket would end the process.
 */
export const saslMessages: Target = {
  name: 'sasl',
  sources: ['wire/src/connection/sasl'],
  seeds: [
    'r=$x,s=c2FsdA==,i=4096\\v=AAAA',
    'r=$x,s=c2FsdA==,i=4096\\e=invalid-proof',
    '',
    '{"status":"invalid_token"}',
    'r=$',
  ].flatMap((text) => mechanisms.map((_, index) => joined(Uint8Array.of(index), encoder.encode(text)))),
  words: ['r=$', ',s=', ',i=', '4096', ',', '=', '\\', 'v=', 'e=', '{"status":', 'null'],
  run(input) {
    const mechanism = mechanisms[(input[0] ?? 0) % mechanisms.length] as (typeof mechanisms)[number]
    const messages = Buffer.from(input.subarray(1)).toString('latin1').split('\\')
    return new Promise((resolve, reject) => {
      let next = 0
      const api = (_connection: unknown, sent: Uint8Array, callback: Done): void => {
        const message = (messages[next++] ?? '').replace('$', nonceOf(sent))
        // The library would be thrown out of the handler of a socket.
        queueMicrotask(() => {
          try {
            callback(null, { authBytes: Buffer.from(message, 'latin1'), sessionLifetimeMs: 0n })
          } catch (error) {
            reject(error as Error)
          }
        })
      }
      const { authenticate } = saslExchange(library, { mechanism, ...credentials }, () => undefined)
      const done: Done = (error) => {
        try {
          if (error) expect(error.message.length > 0 && !ofAnEngine.test(error.message), `unclear: ${error.message}`)
          resolve(error ? 'refused' : 'taken')
        } catch (problem) {
          reject(problem as Error)
        }
      }
      const { username, password, token } = credentials
      authenticate?.(mechanism as never, {} as never, api as never, username, password, token, done as never)
    })
  },
}
