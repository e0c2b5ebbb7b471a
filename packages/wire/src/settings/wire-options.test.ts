import { InvalidRequestError, systemRuntime } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { wire } from '../index.ts'
import { type WireOptions, wireSettings } from './wire-options.ts'

const runtime = { clock: new ManualClock(), random: { next: () => 0, uuid: () => '' } }

/** The refusal of options that TypeScript would not allow. */
function refusalOf(options: unknown): string {
  try {
    wireSettings(options as WireOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequestError)
    return (error as Error).message
  }
  throw new Error('the options were taken')
}

describe('the settings', () => {
  it('have defaults for all but the brokers', () => {
    expect(wireSettings({ brokers: 'b1' })).toEqual({
      brokers: [{ host: 'b1', port: 9092 }],
      clientId: 'kafkado',
      tls: undefined,
      sasl: undefined,
      connectTimeoutMs: 10_000,
      timeoutMs: 30_000,
      retries: 3,
      maxLongPolls: 100,
      idleTimeoutMs: 60_000,
      runtime: systemRuntime,
    })
  })

  it('are what every option says', () => {
    const sasl = { mechanism: 'SCRAM-SHA-512', username: 'u', password: () => 'p' } as const
    const tls = { servername: 'kafka.test' }
    expect(
      wireSettings({
        brokers: ['b1:1', 'b2:2'],
        clientId: 'app',
        tls,
        sasl,
        connectTimeout: '1s',
        timeout: 0,
        retries: 0,
        maxLongPolls: 1,
        idleTimeout: '2h',
        runtime,
      }),
    ).toEqual({
      brokers: [
        { host: 'b1', port: 1 },
        { host: 'b2', port: 2 },
      ],
      clientId: 'app',
      tls,
      sasl,
      connectTimeoutMs: 1000,
      timeoutMs: 0,
      retries: 0,
      maxLongPolls: 1,
      idleTimeoutMs: 7_200_000,
      runtime,
    })
  })

  it.each([
    [true, {}],
    [false, undefined],
    [undefined, undefined],
  ])('take tls: %s for %o', (tls, expected) => {
    expect(wireSettings({ brokers: 'b1', tls }).tls).toEqual(expected)
  })

  it.each<NonNullable<WireOptions['sasl']>>([
    { mechanism: 'PLAIN', username: 'u', password: 'p' },
    { mechanism: 'SCRAM-SHA-256', username: () => 'u', password: () => Promise.resolve('p') },
    { mechanism: 'OAUTHBEARER', token: 't' },
    { mechanism: 'OAUTHBEARER', token: () => Promise.resolve('t'), extensions: { logicalCluster: 'lkc-1' } },
  ])('take sasl: %j', (sasl) => {
    expect(wireSettings({ brokers: 'b1', sasl }).sasl).toEqual(sasl)
  })
})

describe('one clear error', () => {
  it.each([
    ['brokers', undefined],
    ['brokers', 9092],
    ['brokers', ['b1', 2]],
    ['brokers', null],
    ['clientId', ''],
    ['clientId', 7],
    ['tls', 'yes'],
    ['tls', null],
    ['connectTimeout', '10 seconds'],
    ['connectTimeout', -1],
    ['timeout', Number.NaN],
    ['timeout', '5x'],
    ['retries', -1],
    ['retries', 1.5],
    ['retries', '3'],
    ['maxLongPolls', 0],
    ['maxLongPolls', Number.POSITIVE_INFINITY],
    ['idleTimeout', true],
    ['runtime', {}],
    ['runtime', 'system'],
  ])('for %s: %s names the option and what it must be', (option, value) => {
    expect(refusalOf({ brokers: 'b1', [option]: value })).toMatch(
      new RegExp(`^wire configuration: ${option} must [^;]+$`),
    )
  })

  it.each([
    ['no object', 'PLAIN:u:p'],
    ['null', null],
    ['nothing', {}],
    ['an unknown mechanism', { mechanism: 'GSSAPI', username: 'u', password: 'p' }],
    ['a mechanism in small letters', { mechanism: 'plain', username: 'u', password: 'p' }],
    ['no password', { mechanism: 'PLAIN', username: 'u' }],
    ['an empty password', { mechanism: 'SCRAM-SHA-256', username: 'u', password: '' }],
    ['an empty name', { mechanism: 'SCRAM-SHA-512', username: '', password: 'p' }],
    ['a password that is a number', { mechanism: 'PLAIN', username: 'u', password: 7 }],
    ['no token', { mechanism: 'OAUTHBEARER' }],
    ['a password in place of a token', { mechanism: 'OAUTHBEARER', username: 'u', password: 'p' }],
    ['extensions that are no object', { mechanism: 'OAUTHBEARER', token: 't', extensions: 'logicalCluster=lkc-1' }],
    ['an extension that is no text', { mechanism: 'OAUTHBEARER', token: 't', extensions: { logicalCluster: 1 } }],
  ])('for sasl that is %s', (_, sasl) => {
    expect(refusalOf({ brokers: 'b1', sasl })).toMatch(/^wire configuration: sasl must /)
  })

  it('for several mistakes names them all', () => {
    const message = refusalOf({ clientID: 'app', retries: -1, timeout: '1 s' })
    for (const part of [/there is no option 'clientID'/, /brokers must/, /retries must/, /timeout must/])
      expect(message).toMatch(part)
  })

  it.each(['', ' , ', []])('for no broker at all: %j', (brokers) => {
    expect(refusalOf({ brokers })).toMatch(/at least one broker, such as 'localhost:9092'/)
  })

  it.each([undefined, null, 'b1', 7])('for %s in place of options', (options) => {
    expect(refusalOf(options)).toMatch(/must be an object/)
  })

  it('for a broker that has no address', () => {
    expect(refusalOf({ brokers: 'b1:0' })).toMatch(/not a broker's address/)
  })
})

describe('no secret', () => {
  it.each([
    ['a password of the wrong mechanism', { sasl: { mechanism: 'plain', username: 'u', password: 'hunter2' } }],
    ['a name that is missing', { sasl: { mechanism: 'PLAIN', password: 'hunter2' } }],
    ['a token of no mechanism', { sasl: { token: 'hunter2' } }],
    ['the secret in place of the object', { sasl: 'hunter2' }],
    ['a valid one beside another mistake', { retries: -1, sasl: { mechanism: 'OAUTHBEARER', token: 'hunter2' } }],
    ['a key in place of TLS options', { tls: '-----BEGIN PRIVATE KEY-----\nhunter2' }],
    ['a list of TLS options beside another mistake', { retries: -1, tls: { key: 'hunter2' } }],
    ['a password in the address', { brokers: 'u:hunter2@b1:9092' }],
  ])('appears in the message: %s', (_, options) => {
    expect(refusalOf({ brokers: 'b1', ...options })).not.toContain('hunter2')
  })
})

describe('wire', () => {
  it.each([
    ['a text', () => wire('b1:9092,b2', { clientId: 'app' })],
    ['a list', () => wire(['b1:9092', 'b2'])],
    ['all options', () => wire({ brokers: 'b1:9092', retries: 0 })],
  ])('takes brokers as %s, and connects to nobody before it is asked something', async (_, make) => {
    const transport = make()
    await transport.close()
    await transport.close()
  })

  it.each([
    ['a wrong option beside a text', () => wire('b1', { retries: -1 }), /retries must/],
    ['no broker', () => wire(''), /at least one broker/],
    ['an option that there is not', () => wire('b1', { broker: 'b2' } as object), /no option 'broker'/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(InvalidRequestError)
    expect(make).toThrow(message)
  })
})
