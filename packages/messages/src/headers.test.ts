import { describe, expect, it } from 'vitest'
import { everyApi } from './apis/every-api.ts'
import { MalformedMessage } from './codec/message-reader.ts'
import { readRequestHeader, readResponseHeader, writeRequestHeader, writeResponseHeader } from './headers.ts'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const header = { apiKey: 3, apiVersion: 12, correlationId: 258, clientId: 'aß' }

describe('the header of a request', () => {
  it.each([
    [1, header, '0003 000c 00000102 0003 61c39f'],
    [1, { ...header, clientId: null }, '0003 000c 00000102 ffff'],
    [2, header, '0003 000c 00000102 0003 61c39f 00'],
    [2, { ...header, clientId: null }, '0003 000c 00000102 ffff 00'],
  ] as const)('in version %d', (version, value, hex) => {
    expect(hexOf(writeRequestHeader(value, version))).toBe(hex.replaceAll(' ', ''))
    const asked: number[] = []
    const read = readRequestHeader(bytesOf(`${hex} 0a0b`), (apiKey, apiVersion) => {
      asked.push(apiKey, apiVersion)
      return version
    })
    expect(read).toEqual({ ...value, content: bytesOf('0a0b') })
    expect(asked).toEqual([3, 12])
  })

  it('may have tagged fields, which are passed over', () => {
    const read = readRequestHeader(bytesOf('0003 000c 00000102 ffff 01 05 02 aabb 0a'), () => 2)
    expect(read.content).toEqual(bytesOf('0a'))
  })

  it('that is cut is refused', () => {
    const whole = bytesOf('0003 000c 00000102 0003 61c39f 00')
    for (let length = 0; length < whole.length; length++)
      expect(() => readRequestHeader(whole.subarray(0, length), () => 2)).toThrow(MalformedMessage)
  })
})

describe('the header of a response', () => {
  it.each([
    [0, '00000102'],
    [1, '00000102 00'],
  ] as const)('in version %d', (version, hex) => {
    expect(hexOf(writeResponseHeader(258, version))).toBe(hex.replaceAll(' ', ''))
    expect(readResponseHeader(bytesOf(`${hex} 0a`), version)).toEqual({ correlationId: 258, content: bytesOf('0a') })
  })
})

describe('headers have tagged fields', () => {
  it('where the messages have them, but for the response of ApiVersions, which older brokers have to write', () => {
    for (const api of everyApi)
      for (const version of [api.minVersion, api.maxVersion]) {
        const { isFlexible, requestHeaderVersion, responseHeaderVersion } = api.at(version)
        expect([requestHeaderVersion === 2, responseHeaderVersion === 1], `${api.name} ${version}`).toEqual([
          isFlexible,
          isFlexible && api.name !== 'ApiVersions',
        ])
      }
  })
})
