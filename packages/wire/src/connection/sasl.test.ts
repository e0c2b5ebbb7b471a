import { codeOf, consumerGroupHeartbeat, UnauthorizedError } from '@kafkado/core'
import type { AdjustableClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { startCluster } from '../../test/fake-cluster.ts'
import { askBySasl, type SaslAnswer, saslAuthenticateApi } from '../../test/fake-sasl.ts'
import { scramServer } from '../../test/fake-scram.ts'
import { heartbeatOf } from '../../test/requests.ts'
import { outcomeOf, within } from '../../test/waiting.ts'
import type { SaslOptions } from '../settings/wire-options.ts'
import { consumerGroupHeartbeatApi } from '../operations/68-consumer-group-heartbeat.ts'

const beat = heartbeatOf('g')
const [username, password, token] = ['alice', 'hunter2', 'header.payload.signature']
const scram = (mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512', secret = password): SaslOptions => ({
  mechanism,
  username,
  password: secret,
})
const bearer: SaslOptions = { mechanism: 'OAUTHBEARER', token }
const takes = (expected: string) => (message: string) =>
  message === expected ? { bytes: '' } : { refusal: `unexpected: ${message}` }

describe('a mechanism of SASL', () => {
  const right: Record<string, { sasl: SaslOptions; answer: (message: string) => SaslAnswer }> = {
    PLAIN: {
      sasl: { mechanism: 'PLAIN', username, password },
      answer: takes(`\0${username}\0${password}`),
    },
    'SCRAM-SHA-256': { sasl: scram('SCRAM-SHA-256'), answer: scramServer('sha256', username, password) },
    'SCRAM-SHA-512': { sasl: scram('SCRAM-SHA-512'), answer: scramServer('sha512', username, password) },
    OAUTHBEARER: { sasl: bearer, answer: takes(`n,,\u0001auth=Bearer ${token}\u0001\u0001`) },
    'OAUTHBEARER with extensions': {
      sasl: { ...bearer, extensions: { logicalCluster: 'lkc-1', identityPoolId: 'pool-2' } },
      answer: takes(`n,,\u0001auth=Bearer ${token}\u0001logicalCluster=lkc-1\u0001identityPoolId=pool-2\u0001\u0001`),
    },
    'OAUTHBEARER with a token that is asked for': {
      sasl: { ...bearer, token: () => Promise.resolve(token) },
      answer: takes(`n,,\u0001auth=Bearer ${token}\u0001\u0001`),
    },
  }

  it.each(Object.entries(right))('%s: says who it is, and is replaced when that no longer holds', async (_, one) => {
    const { cluster } = await startCluster(1)
    askBySasl(cluster.broker(1), one.sasl.mechanism, one.answer, 60_000)
    const transport = cluster.connect({ sasl: one.sasl })
    expect(await within(transport.send(consumerGroupHeartbeat, beat), 'the first')).toMatchObject({ memberEpoch: 2 })
    ;(cluster.clock as AdjustableClock).advance('59s')
    expect(await within(transport.send(consumerGroupHeartbeat, beat), 'the second')).toMatchObject({ memberEpoch: 2 })
    const [first, second] = cluster.broker(1).connectionsOf(consumerGroupHeartbeatApi)
    expect(second).not.toBe(first)
  })

  const refusals: [what: string, sasl: SaslOptions, answer: (message: string) => SaslAnswer, words: RegExp][] = [
    ...(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const).flatMap((mechanism): typeof refusals => {
      const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
      return [
        [
          `${mechanism}: a wrong password`,
          scram(mechanism, 'hunter3'),
          scramServer(hash, username, password),
          /invalid credentials/,
        ],
        [`${mechanism}: an unknown user`, scram(mechanism), scramServer(hash, 'bob', password), /invalid credentials/],
        [
          `${mechanism}: a broker that does not know the password`,
          scram(mechanism),
          scramServer(hash, username, password, (signature) => signature.fill(0)),
          /signature/i,
        ],
        [`${mechanism}: a broker that answers nonsense`, scram(mechanism), () => ({ bytes: 'nonsense' }), /SCRAM/],
        [`${mechanism}: a broker that answers nothing`, scram(mechanism), () => ({ bytes: '' }), /SCRAM/],
      ]
    }),
    [
      'OAUTHBEARER: a token that is not taken, as RFC 7628 says it',
      bearer,
      () => ({ bytes: '{"status":"invalid_token","scope":"kafka"}' }),
      /the token is not taken: invalid_token/,
    ],
    ['OAUTHBEARER: a refusal in other words', bearer, () => ({ bytes: 'expired' }), /the token is not taken: expired/],
    ['OAUTHBEARER: a refusal by code', bearer, () => ({ refusal: 'no such issuer' }), /no such issuer/],
  ]

  it.each(refusals)('%s is refused once, in words that hold no secret', async (_, sasl, answer, words) => {
    const { cluster } = await startCluster(1)
    askBySasl(cluster.broker(1), sasl.mechanism, answer)
    const transport = cluster.connect({ sasl })
    const error = await within(outcomeOf(transport.send(consumerGroupHeartbeat, beat)), 'the refusal')
    expect(error).toBeInstanceOf(UnauthorizedError)
    expect(error).toMatchObject({
      retriable: false,
      outcome: 'failed',
      kafkaCode: codeOf('SASL_AUTHENTICATION_FAILED'),
    })
    expect((error as Error).message).toMatch(words)
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toMatch(/hunter\d|payload/)
    const messages = cluster.broker(1).requestsOf(saslAuthenticateApi)
    expect(messages.length).toBeLessThanOrEqual(2)
  })

  it('that the broker does not have is told with those that it has', async () => {
    const { cluster } = await startCluster(1)
    askBySasl(cluster.broker(1), 'PLAIN', () => ({ bytes: '' }))
    const error = await within(outcomeOf(cluster.connect({ sasl: bearer }).send(consumerGroupHeartbeat, beat)), 'it')
    expect(error).toMatchObject({ retriable: false, outcome: 'failed' })
    expect((error as Error).message).toMatch(/OAUTHBEARER/)
  })
})
