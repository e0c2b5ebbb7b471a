import * as protocol from './index.ts'
import type { NeedsOf } from './needs.ts'
import type { AnyOperation, OperationSchemas, RequestOf } from './operation.ts'

type Protocol = typeof protocol

/**
 * The schemas of each operation, in the file of the operation and named after it. Compiling fails if they are missing,
 * or if a need refers to a field that does not exist or holds no names.
 */
type SchemasOfOperations = {
  [
    Name in keyof Protocol as Protocol[Name] extends AnyOperation ? `${Name}Schemas` : never
  ]: Protocol[Name] extends AnyOperation ? () => OperationSchemas<NeedsOf<RequestOf<Protocol[Name]>>> : never
}

const listed: SchemasOfOperations = protocol
const makers: ReadonlyMap<string, unknown> = new Map(Object.entries(listed))

/**
 * Every operation, by API key, with kafkado's own ones at the end. For servers and engines, which must know them all;
 * clients import the few that they use.
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
 * The schemas of an operation, made at first use. They are separate from the operation, so that a page that sends it
 * does not load them.
 */
export function schemasOf(operation: AnyOperation): OperationSchemas {
  let schemas = made.get(operation)
  if (!schemas) {
    schemas = (makers.get(`${operation.name}Schemas`) as () => OperationSchemas)()
    made.set(operation, schemas)
  }
  return schemas
}
