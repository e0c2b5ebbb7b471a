import type { Field } from './fields.ts'

/** One of Kafka's APIs in the one version that we speak, which every broker from 4.0 on knows. */
export interface Api<Request, Response> {
  readonly key: number
  readonly name: string
  readonly version: number
  readonly request: Field<Request>
  readonly response: Field<Response>
  /** Whether lengths are compact and structures have tagged fields (KIP-482): all but the oldest versions. */
  readonly isFlexible: boolean
  /** Whether the header of the response is flexible too: not that of ApiVersions, which older brokers must be able to write. */
  readonly hasFlexibleResponseHeader: boolean
}

// The fields of the request are contravariant, so `unknown` would exclude every API.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyApi = Api<any, any>

type ApiDefinition<Request, Response> = Omit<Api<Request, Response>, 'isFlexible' | 'hasFlexibleResponseHeader'> &
  Partial<Pick<Api<Request, Response>, 'isFlexible' | 'hasFlexibleResponseHeader'>>

export function defineApi<Request, Response>(definition: ApiDefinition<Request, Response>): Api<Request, Response> {
  const isFlexible = definition.isFlexible ?? true
  return { ...definition, isFlexible, hasFlexibleResponseHeader: definition.hasFlexibleResponseHeader ?? isFlexible }
}
