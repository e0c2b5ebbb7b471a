import { InvalidRequestError } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { parseBrokers, showAddress } from './broker-address.ts'

describe('parseBrokers', () => {
  it.each([
    ['b1:9093', [{ host: 'b1', port: 9093 }]],
    ['b1', [{ host: 'b1', port: 9092 }]],
    ['b1:1', [{ host: 'b1', port: 1 }]],
    ['b1:65535', [{ host: 'b1', port: 65_535 }]],
    ['10.0.0.1:9092', [{ host: '10.0.0.1', port: 9092 }]],
    ['kafka-1.example.com:9092', [{ host: 'kafka-1.example.com', port: 9092 }]],
    ['[::1]', [{ host: '::1', port: 9092 }]],
    ['[2001:db8::1.2.3.4]:9093', [{ host: '2001:db8::1.2.3.4', port: 9093 }]],
    [
      ' b1 , b2:9093,, [::1]:9094 ,',
      [
        { host: 'b1', port: 9092 },
        { host: 'b2', port: 9093 },
        { host: '::1', port: 9094 },
      ],
    ],
    ['', []],
    [' , ', []],
  ])('reads %j', (text, expected) => {
    expect(parseBrokers(text)).toEqual(expected)
  })

  it('reads a list', () => {
    expect(parseBrokers(['b1:9093', ' b2 ', ''])).toEqual([
      { host: 'b1', port: 9093 },
      { host: 'b2', port: 9092 },
    ])
  })

  it.each([
    'b1:0',
    'b1:65536',
    'b1:99999',
    'b1:',
    'b1:x',
    'b1:-1',
    ':9092',
    'b1 b2',
    'kafka://b1:9092',
    '::1',
    '[::1',
    '[b1]:1',
    'b1/x',
  ])('says of %j that it is no address, and what one looks like', (text) => {
    for (const brokers of [text, [text], `good:9092,${text}`]) {
      expect(() => parseBrokers(brokers)).toThrow(InvalidRequestError)
      expect(() => parseBrokers(brokers)).toThrow(/not a broker's address.*localhost:9092/)
      expect(() => parseBrokers(brokers)).toThrow(JSON.stringify(text))
    }
  })

  it.each(['admin:hunter2@b1:9092', 'kafka://admin:hunter2@b1:9092'])(
    'does not repeat the password that somebody has put before an address: %s',
    (text) => {
      expect(() => parseBrokers(text)).toThrow(InvalidRequestError)
      expect(() => parseBrokers(text)).not.toThrow(/hunter2/)
    },
  )
})

describe('showAddress', () => {
  it.each(['b1:9093', '[::1]:9092'])('writes %s as it is read', (text) => {
    expect(parseBrokers(text).map(showAddress)).toEqual([text])
  })
})
