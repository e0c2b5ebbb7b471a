import { readdirSync, readFileSync } from 'node:fs'
import { seededRandom } from '@kafkado/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyApi } from '../../test/every-api.ts'
import { InventingReader } from '../../test/inventing-reader.ts'
import { requestBody, responseBody } from '../../test/wire-frames.ts'
import type { AnyApi } from './api.ts'
import { MalformedResponse, ResponseReader } from './response-reader.ts'

/** What a decoder makes of bytes that stand among others: the value, or the error that it refuses them with. */
function decoded({ response, isFlexible }: AnyApi, content: Uint8Array, neighbour: number): unknown {
  const around = new Uint8Array(content.length + 64).fill(neighbour)
  around.set(content, 32)
  try {
    return response.read(new ResponseReader(around.subarray(32, 32 + content.length), isFlexible)) as unknown
  } catch (error) {
    return error
  }
}

/** Bytes of any kind give a value or MalformedResponse, whatever stands beside them. */
function expectSound(api: AnyApi, content: Uint8Array): void {
  const outcome = decoded(api, content, 0)
  if (outcome instanceof Error && !(outcome instanceof MalformedResponse))
    throw new Error(`${api.name} throws ${outcome.name} for ${Buffer.from(content).toString('hex')}`, {
      cause: outcome,
    })
  const other = decoded(api, content, 0xff)
  // Comparing by `expect` takes long, and tens of thousands of times is too long.
  const [one, two] = [outcome, other].map((value) => (value instanceof Error ? value.message : JSON.stringify(value)))
  if (one !== two) throw new Error(`${api.name} reads beyond its input: ${Buffer.from(content).toString('hex')}`)
}

function inventedAnswer({ response, isFlexible }: AnyApi, seed: number): { value: unknown; content: Buffer } {
  const reader = new InventingReader(seededRandom(seed), isFlexible)
  const value: unknown = response.read(reader)
  return { value, content: reader.bytesWritten }
}

// A hundred thousand errors are thrown here, whose stack traces would take most of the time.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

describe('the decoder of every answer', () => {
  it('is tested: the list of APIs is complete', () => {
    const sources = ['../operations/', '../cluster/'].flatMap((folder) => {
      const url = new URL(folder, import.meta.url)
      return readdirSync(url)
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => readFileSync(new URL(name, url), 'utf8'))
    })
    const defined = sources.flatMap((source) =>
      [...source.matchAll(/defineApi\(\{\s+key: (\d+)/g)].map(([, key]) => Number(key)),
    )
    expect(everyApi.map(({ key }) => key).toSorted((a, b) => a - b)).toEqual(defined.toSorted((a, b) => a - b))
  })

  it.each(everyApi)('$name: reads what was written, both ways', (api) => {
    for (let seed = 1; seed <= 30; seed++) {
      const { value, content } = inventedAnswer(api, seed)
      expect(decoded(api, content, 0)).toEqual(value)
      const again = responseBody(api, value)
      // Tagged fields that nobody knows are gone, and a flag is 0 or 1 after it was read.
      expect(decoded(api, again, 0)).toEqual(value)
      const request: unknown = api.request.read(new InventingReader(seededRandom(seed), api.isFlexible))
      const written = requestBody(api, request)
      expect(api.request.read(new ResponseReader(Uint8Array.from(written), api.isFlexible))).toEqual(request)
    }
  })

  it.each(everyApi)('$name: refuses an answer that is cut, wherever it is cut', (api) => {
    for (let seed = 1; seed <= 6; seed++) {
      const { content } = inventedAnswer(api, seed)
      for (let length = 0; length < content.length; length++) {
        const outcome = decoded(api, content.subarray(0, length), 0xff)
        if (!(outcome instanceof MalformedResponse))
          expect(outcome, `${length} of ${content.toString('hex')}`).toBeInstanceOf(MalformedResponse)
      }
    }
  })

  it.each(everyApi)('$name: makes a value or MalformedResponse of any bytes', (api) => {
    const random = seededRandom(api.key)
    const byte = (): number => Math.floor(random.next() * 256)
    for (let count = 0; count < 1500; count++) {
      const length = Math.floor(random.next() * 120)
      // Small bytes are lengths that nearly fit, and lead further in.
      const limit = count % 2 === 0 ? 256 : 6
      expectSound(
        api,
        Uint8Array.from({ length }, () => byte() % limit),
      )
    }
    for (let count = 0; count < 1500; count++) {
      const { content } = inventedAnswer(api, count % 100)
      for (let change = 0; change <= count % 4 && content.length > 0; change++)
        content[Math.floor(random.next() * content.length)] = byte()
      expectSound(api, content)
    }
  })
})
