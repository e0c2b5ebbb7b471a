import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { valueOf, withLaterTags } from '../test/message-arbitraries.ts'
import { everyApi } from './apis/every-api.ts'
import { compile } from './codec/compile.ts'
import { MalformedMessage } from './codec/message-reader.ts'
import type { AnyStruct } from './fields/field-types.ts'
import { type Message, messageOf } from './message.ts'

/** A message in one version. */
interface Subject {
  readonly what: string
  readonly type: AnyStruct
  readonly version: number
  readonly isFlexible: boolean
  readonly codec: Message<unknown>
}

const subjects: readonly Subject[] = everyApi.flatMap((api) =>
  Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => api.minVersion + index).flatMap((version) =>
    (['request', 'response'] as const).map((message) => ({
      what: `${api.name} ${version} ${message}`,
      type: api[message],
      version,
      isFlexible: api.isFlexible(version),
      codec: api.at(version)[message],
    })),
  ),
)

/** One version of each API and direction; the others have the same parts. */
const newest = subjects.filter(
  ({ type, version }) => version === Math.max(...subjects.filter((one) => one.type === type).map((one) => one.version)),
)

const written = (codec: Message<unknown>, value: unknown): Uint8Array =>
  Uint8Array.from(Buffer.concat(codec.write(value)))
const isApiVersionsRefusal = ({ what }: Subject, value: unknown): boolean =>
  what.startsWith('ApiVersions') && (value as { errorCode?: number }).errorCode === 35

/** Decodes bytes that lie between others: returns the value, or the error that refuses them. */
function decoded(codec: Message<unknown>, content: Uint8Array, neighbour: number): unknown {
  const around = new Uint8Array(content.length + 64).fill(neighbour)
  around.set(content, 32)
  try {
    return codec.read(around.subarray(32, 32 + content.length))
  } catch (error) {
    return error
  }
}

/** Expects any bytes to give a value or MalformedMessage, whatever bytes surround them. */
function expectSound({ what, codec }: Subject, content: Uint8Array): void {
  const outcome = decoded(codec, content, 0)
  if (outcome instanceof Error && !(outcome instanceof MalformedMessage))
    throw new Error(`${what} throws ${outcome.name} for ${Buffer.from(content).toString('hex')}`, { cause: outcome })
  const other = decoded(codec, content, 0xff)
  // Comparing by `expect` tens of thousands of times would take too long.
  const [one, two] = [outcome, other].map((value) => (value instanceof Error ? value.message : JSON.stringify(value)))
  if (one !== two) throw new Error(`${what} reads beyond its input: ${Buffer.from(content).toString('hex')}`)
}

// This test throws a hundred thousand errors; stack traces would take most of its time.
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

describe('every message, in every version', () => {
  it.each(subjects)('$what: is read as it was written', (subject) => {
    const { type, version, codec } = subject
    fc.assert(
      fc.property(valueOf(type, version), (value) => {
        fc.pre(!isApiVersionsRefusal(subject, value))
        expect(codec.read(written(codec, value))).toEqual(value)
      }),
      { numRuns: 20 },
    )
  })

  it.each(newest.filter(({ isFlexible }) => isFlexible))(
    '$what: passes over tagged fields of later versions',
    (subject) => {
      const { type, version, isFlexible, codec } = subject
      const later = messageOf<unknown, unknown>(compile(withLaterTags(type), { version, isFlexible }, 'later'))
      fc.assert(
        fc.property(valueOf(withLaterTags(type), version), valueOf(type, version), (withTags, value) => {
          fc.pre(!isApiVersionsRefusal(subject, withTags))
          expect(codec.read(written(later, value))).toEqual(value)
          expect(codec.read(written(later, withTags))).toEqual(withoutLaterTags(withTags))
        }),
        { numRuns: 20 },
      )
    },
  )

  it.each(newest)('$what: refuses what is cut, wherever it is cut', ({ type, version, codec }) => {
    fc.assert(
      fc.property(valueOf(type, version), (value) => {
        const content = written(codec, value)
        for (let length = 0; length < content.length; length++)
          if (!(decoded(codec, content.subarray(0, length), 0xff) instanceof MalformedMessage))
            throw new Error(`${length} of ${Buffer.from(content).toString('hex')}`)
      }),
      { numRuns: 8 },
    )
  })

  it.each(newest)('$what: makes a value or MalformedMessage of any bytes', (subject) => {
    const { type, version, codec } = subject
    // Small bytes make plausible lengths, which lead further into the decoder.
    const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.uint8Array({ maxLength: 120, max: 5 }))
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
    const changed = fc.tuple(valueOf(type, version), changes).map(([value, places]) => {
      const content = written(codec, value)
      for (const [at, byte] of places) if (content.length > 0) content[at % content.length] = byte
      return content
    })
    fc.assert(
      fc.property(fc.oneof(anyBytes, changed), (content) => expectSound(subject, content)),
      { numRuns: 500 },
    )
  })
})

function withoutLaterTags(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLaterTags)
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'laterField')
      .map(([name, own]) => [name, withoutLaterTags(own)]),
  )
}
