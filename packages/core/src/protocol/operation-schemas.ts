import * as protocol from './index.ts'
import type { NeedsOf } from './needs.ts'
import type { AnyOperation, OperationSchemas, RequestOf } from './operation.ts'

type Protocol = typeof protocol

/**
 * Beside each operation its file has its schemas, named after it. Does not compile where they are missing, or where the
 * needs are about fields that the request does not have, or that name nothing.
 */
type SchemasOfOperations = {
  [
    Name in keyof Protocol as Protocol[Name] extends AnyOperation ? `${Name}Schemas` : never
  ]: Protocol[Name] extends AnyOperation ? () => OperationSchemas<NeedsOf<RequestOf<Protocol[Name]>>> : never
}

const listed: SchemasOfOperations = protocol
const makers: ReadonlyMap<string, unknown> = new Map(Object.entries(listed))

/**
 * Every operation there is, by API key, those that Kafka does not have at the end: for servers and engines, which must
 * know them all. Clients import the few they use.
 */
export const allOperations: readonly AnyOperation[] = Object.values<unknown>(protocol)
  .filter(isOperation)
  .sort((left, right) => placeOf(left) - placeOf(right))

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'apiKey' in value
}

function placeOf({ apiKey }: AnyOperation): number {
  return apiKey < 0 ? Number.POSITIVE_INFINITY : apiKey
}

const made = new Map<AnyOperation, OperationSchemas>()

/**
 * The schemas of an operation, made when they are first needed. They are apart from the operation itself so that a page
 * which sends it does not carry them.
 */
export function schemasOf(operation: AnyOperation): OperationSchemas {
  let schemas = made.get(operation)
  if (!schemas) {
    schemas = (makers.get(`${operation.name}Schemas`) as () => OperationSchemas)()
    made.set(operation, schemas)
  }
  return schemas
}
