import fc from 'fast-check'
import { everyApi } from '../src/apis/every-api.ts'
import type { AnyApi } from '../src/api.ts'
import { compile } from '../src/codec/compile.ts'
import { messageOf } from '../src/message.ts'
import { valueOf, withLaterTags } from './message-arbitraries.ts'

/** The bytes of a message with a right form and invented content, including unknown tagged fields. */
export function inventedMessage(
  { key, version, isFlexible }: { readonly key: number; readonly version: number; readonly isFlexible: boolean },
  message: 'request' | 'response',
  seed: number,
): Uint8Array {
  const { [message]: known } = everyApi.find((api) => api.key === key) as AnyApi
  const type = isFlexible ? withLaterTags(known) : known
  const [value] = fc.sample(valueOf(type, version), { seed, numRuns: 1 })
  return Uint8Array.from(Buffer.concat(messageOf(compile(type, { version, isFlexible }, 'invented')).write(value)))
}
