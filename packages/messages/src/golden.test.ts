import { describe, expect, it } from 'vitest'
import { contentAsOurs, goldenMessages } from '../test/golden-messages.ts'
import { everyApi } from './apis/every-api.ts'

const hexOf = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString('hex')

describe('the messages that Apache Kafka writes itself', () => {
  it('are there for requests and responses of every API and version', () => {
    const told = new Set(goldenMessages.map(({ api, message, version }) => `${api} ${message} ${version}`))
    const defined = everyApi.flatMap(({ name, minVersion, maxVersion }) =>
      Array.from({ length: maxVersion - minVersion + 1 }, (_, index) => minVersion + index).flatMap((version) => [
        `${name} request ${version}`,
        `${name} response ${version}`,
      ]),
    )
    expect([...told].toSorted()).toEqual(defined.toSorted())
  })

  it.each(everyApi)('$name: are read and written the same way', (api) => {
    for (const { message, version, content, hex } of goldenMessages.filter((golden) => golden.api === api.name)) {
      const ours = contentAsOurs(api[message], version, content)
      const codec = api.at(version)[message]
      const what = `${message} ${version}`
      expect(hexOf(codec.write(ours)), what).toBe(hex)
      const read = codec.read(Uint8Array.from(Buffer.from(hex, 'hex')))
      expect(read, what).toMatchObject(ours as object)
      expect(hexOf(codec.write(read)), what).toBe(hex)
    }
  })
})
