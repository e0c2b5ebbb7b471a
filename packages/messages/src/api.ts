import { codeOf } from '@kafkado/core'
import { compile } from './codec/compile.ts'
import type { AnyStruct } from './fields/field-types.ts'
import type { ReadAt, WrittenAt } from './fields/message-values.ts'
import { type Message, messageOf } from './message.ts'

/**
 * One of Kafka's APIs in one version. First the types that a client writes and reads, then those that a server reads
 * and writes.
 */
export interface ApiVersion<RequestWritten, ResponseRead, RequestRead = unknown, ResponseWritten = unknown> {
  readonly key: number
  readonly name: string
  readonly version: number
  /** Whether lengths are compact and structures have tagged fields (KIP-482). */
  readonly isFlexible: boolean
  readonly requestHeaderVersion: RequestHeaderVersion
  readonly responseHeaderVersion: ResponseHeaderVersion
  readonly request: Message<RequestRead, RequestWritten>
  readonly response: Message<ResponseRead, ResponseWritten>
}

export type AnyApiVersion = ApiVersion<unknown, unknown>

/** Version 2 has tagged fields. Version 0 belongs to an API that Kafka 4 no longer has. */
export type RequestHeaderVersion = 1 | 2
/** Version 1 has tagged fields. */
export type ResponseHeaderVersion = 0 | 1

/** One of Kafka's APIs, in all versions that Apache Kafka 4 has. */
export interface AnyApi {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  readonly request: AnyStruct
  readonly response: AnyStruct
  isFlexible(version: number): boolean
  /** @throws RangeError when the API has no such version */
  at(version: number): AnyApiVersion
}

export interface Api<Request extends AnyStruct, Response extends AnyStruct> extends AnyApi {
  readonly request: Request
  readonly response: Response
  /**
   * Reads and writes one version, with the types of that version. If the version is known only at run time, all fields
   * exist, and fields of other versions have their defaults.
   */
  at<const V extends number>(
    version: V,
  ): ApiVersion<WrittenAt<Request, V>, ReadAt<Response, V>, ReadAt<Request, V>, WrittenAt<Response, V>>
}

interface ApiDefinition<Request extends AnyStruct, Response extends AnyStruct> {
  readonly key: number
  readonly name: string
  /** The first and the last version. */
  readonly versions: readonly [min: number, max: number]
  /** The first flexible version, or 'none'. */
  readonly flexibleSince: number | 'none'
  readonly request: Request
  readonly response: Response
  /** Whether the response header never has tagged fields. */
  readonly hasPlainResponseHeader?: boolean
  /** The version in which a broker refuses an unknown version, if it is a fixed one. */
  readonly refusalVersion?: number
}

export function defineApi<const Request extends AnyStruct, const Response extends AnyStruct>(
  definition: ApiDefinition<Request, Response>,
): Api<Request, Response> {
  const { key, name, request, response } = definition
  const [minVersion, maxVersion] = definition.versions
  const flexibleSince = definition.flexibleSince === 'none' ? Number.POSITIVE_INFINITY : definition.flexibleSince
  const isFlexible = (version: number): boolean => version >= flexibleSince
  const known = new Map<number, AnyApiVersion>()

  const make = (version: number): AnyApiVersion => {
    if (!Number.isInteger(version) || version < minVersion || version > maxVersion)
      throw new RangeError(`${name} has the versions ${minVersion} to ${maxVersion}, so there is no version ${version}`)
    const form = { version, isFlexible: isFlexible(version) }
    const { hasPlainResponseHeader = false, refusalVersion = version } = definition
    const plain: Message<unknown> = messageOf(compile(response, form, name))
    return {
      key,
      name,
      version,
      isFlexible: form.isFlexible,
      requestHeaderVersion: form.isFlexible ? 2 : 1,
      responseHeaderVersion: form.isFlexible && !hasPlainResponseHeader ? 1 : 0,
      request: messageOf(compile(request, form, name)),
      response: refusalVersion === version ? plain : orRefusal(plain, at(refusalVersion).response),
    }
  }
  const at = (version: number): AnyApiVersion => {
    const made = known.get(version) ?? make(version)
    known.set(version, made)
    return made
  }
  return { key, name, minVersion, maxVersion, request, response, isFlexible, at } as Api<Request, Response>
}

const unsupportedVersion = codeOf('UNSUPPORTED_VERSION')

/** Reads a response in another version, if its first field, the error code, says that it is a refusal. */
function orRefusal(answer: Message<unknown>, refusal: Message<unknown>): Message<unknown> {
  const isRefusal = ([high = 0, low = 0]: Uint8Array): boolean => ((high << 8) | low) === unsupportedVersion
  return {
    read: (content) => (isRefusal(content) ? refusal : answer).read(content),
    write: (value) =>
      ((value as { readonly errorCode?: number }).errorCode === unsupportedVersion ? refusal : answer).write(value),
  }
}
