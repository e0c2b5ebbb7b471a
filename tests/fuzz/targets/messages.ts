import {
  type AnyApiVersion,
  everyApi,
  MalformedMessage,
  readRequestHeader,
  writeRequestHeader,
} from '@kafkado/messages'
import { inventedMessage } from '../../../packages/messages/test/invented-messages.ts'
import { joined } from '../mutator.ts'
import { decoded, expect, isRefused, type Target } from '../target.ts'
import { readAndWritten } from './wire.ts'

const everyVersion: readonly AnyApiVersion[] = everyApi.flatMap((api) =>
  Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => api.at(api.minVersion + index)),
)

const versionOf = (apiKey: number, apiVersion: number): AnyApiVersion | undefined =>
  everyVersion.find(({ key, version }) => key === apiKey && version === apiVersion)

function seedOf(api: AnyApiVersion, index: number): Uint8Array {
  const { key: apiKey, version: apiVersion } = api
  const header = { apiKey, apiVersion, correlationId: index, clientId: index % 3 === 0 ? null : 'fuzzed' }
  return joined(writeRequestHeader(header, api.requestHeaderVersion), inventedMessage(api, 'request', index))
}

/** The frame of a request, as any client may send it: the header tells the API and its version. */
export const wireRequests: Target = {
  name: 'wire-requests',
  sources: ['messages/src/codec', 'messages/src/headers', 'messages/src/apis/'],
  seeds: everyVersion.map(seedOf),
  run(input) {
    const headerVersion = (apiKey: number, apiVersion: number): 1 | 2 =>
      versionOf(apiKey, apiVersion)?.requestHeaderVersion ?? 2
    const frame = decoded(() => readRequestHeader(input, headerVersion), [MalformedMessage])
    if (isRefused(frame)) return frame
    const { apiKey, apiVersion, content } = frame as ReturnType<typeof readRequestHeader>
    const api = versionOf(apiKey, apiVersion)
    if (!api) return undefined
    expect(content.length <= input.length, 'there is more of the request than of its frame')
    return readAndWritten(api.request, content)
  },
}
