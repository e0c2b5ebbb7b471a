import { readFileSync } from 'node:fs'
import { DisconnectedError, metadata, UnauthorizedError } from '@kafkado/core'
import { type SaslOptions, wire, type WireOptions } from '@kafkado/wire'
import { createKafkaClient } from 'kafkado'
import { describe, expect, inject, it } from 'vitest'

const { secure } = inject('kafka')
if (!secure)
  console.warn('SECURITY IS NOT TESTED: the brokers of KAFKA_BROKERS say nothing of listeners with TLS and SASL')

/** A token without a signature (RFC 7515, appendix A.5), which brokers take where nothing else is set up. */
function unsecuredToken(lifetimeSeconds = 3600): string {
  const nowSeconds = Math.floor(performance.timeOrigin / 1000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: 'alice', iat: nowSeconds - 60, exp: nowSeconds + lifetimeSeconds })}.`
}

describe.skipIf(!secure)('listeners that want to know who one is', () => {
  const { saslPlaintext, saslSsl, ssl, caFile, clientCertificateFile, clientKeyFile, users } =
    secure ?? ({} as NonNullable<typeof secure>)
  const ca = secure && readFileSync(caFile)
  const [alice] = users ?? []
  const { username, password } = alice ?? { username: '', password: '' }

  const mechanisms: SaslOptions[] = [
    { mechanism: 'PLAIN', username, password },
    { mechanism: 'SCRAM-SHA-256', username, password },
    { mechanism: 'SCRAM-SHA-512', username: () => Promise.resolve(username), password: () => password },
    { mechanism: 'OAUTHBEARER', token: () => unsecuredToken() },
  ]

  const topicsOf = async (options: WireOptions) => {
    const transport = wire({ ...options, retries: 0 })
    try {
      return await transport.send(metadata, { topics: null, allowAutoTopicCreation: false })
    } finally {
      await transport.close()
    }
  }

  it.each(mechanisms)('SASL $mechanism, plain and over TLS: writes and reads', async (sasl) => {
    for (const [url, tls] of [
      [`kafka://${saslPlaintext}`, undefined],
      [`kafka://${saslSsl}`, { ca }],
    ] as const) {
      const topic = `secure-${sasl.mechanism.toLowerCase()}-${tls ? 'tls' : 'plain'}-${process.pid}`
      const kafka = createKafkaClient({ url, sasl, tls })
      await kafka.produce(topic, { by: sasl.mechanism }, { key: 'k' })
      for await (const record of kafka.consumer<{ by: string }>(topic, { group: topic }).take(1))
        expect(record.value.by).toBe(sasl.mechanism)
      await kafka.close()
    }
  })

  it('TLS alone, and with a certificate of the client', async () => {
    expect((await topicsOf({ brokers: ssl, tls: { ca } })).brokers).toHaveLength(1)
    const own = { ca, cert: readFileSync(clientCertificateFile), key: readFileSync(clientKeyFile) }
    expect((await topicsOf({ brokers: ssl, tls: own })).brokers).toHaveLength(1)
  })

  it.each(mechanisms.filter(({ mechanism }) => mechanism !== 'OAUTHBEARER'))(
    'says that the password is wrong, and never what it was ($mechanism)',
    async ({ mechanism }) => {
      const sasl = { mechanism, username, password: 'not the password' } as SaslOptions
      const failure = await topicsOf({ brokers: saslPlaintext, sasl }).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(UnauthorizedError)
      expect(failure).toMatchObject({ retriable: false, outcome: 'failed' })
      expect((failure as Error).message).toMatch(
        new RegExp(`the broker ${saslPlaintext} does not accept the ${mechanism} credentials`),
      )
      expect((failure as Error).message).not.toContain('not the password')
    },
  )

  it('says that a token has run out', async () => {
    const sasl = { mechanism: 'OAUTHBEARER', token: unsecuredToken(-30) } as const
    await expect(topicsOf({ brokers: saslPlaintext, sasl })).rejects.toSatisfy((error) => UnauthorizedError.is(error))
  })

  it('says that the certificate is not trusted', async () => {
    await expect(topicsOf({ brokers: ssl, tls: true })).rejects.toSatisfy(
      (error) => DisconnectedError.is(error) && /certificate/i.test(error.message),
    )
  })

  it('gives a hint where a listener wants TLS or SASL and gets neither', async () => {
    for (const brokers of [ssl, saslPlaintext])
      await expect(topicsOf({ brokers, connectTimeout: '3s' })).rejects.toThrow(/does this listener want TLS or SASL\?/)
  })

  it('goes on beyond the time for which a broker believes it (KIP-368)', async () => {
    const transport = wire({ brokers: saslPlaintext, sasl: { mechanism: 'PLAIN', username, password } })
    // The brokers of these tests close a connection that has not authenticated anew for ten seconds.
    const endMs = performance.now() + 12_000
    let answers = 0
    while (performance.now() < endMs) {
      await transport.send(metadata, { topics: [], allowAutoTopicCreation: false })
      answers++
    }
    expect(answers).toBeGreaterThan(100)
    await transport.close()
  })
})
