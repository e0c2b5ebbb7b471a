import { InvalidRequestError } from '../../errors/kafka-error.ts'
import { schemasOf } from '../../protocol/operation-schemas.ts'
import type { AnyOperation, RequestOf } from '../../protocol/operation.ts'
import { describeFaults } from '../../schema/faults.ts'
import { predicateOf } from '../../schema/predicate.ts'
import { readValue } from '../../schema/read-value.ts'

/**
 * Where requests enter, all of them are checked by this file, so that each transport refuses the same ones in the same
 * words. It knows all schemas: servers, engines and Node import it, pages do not.
 */

/**
 * Checks a request that is handed over as an object. One that is right costs no more than looking at its fields.
 *
 * @throws InvalidRequestError naming the operation and the fields
 */
export function checkRequest(operation: AnyOperation, request: unknown): void {
  const schema = schemasOf(operation).request
  if (predicateOf(schema)(request)) return
  throw new InvalidRequestError(`the ${operation.name} request is not valid: ${describeFaults(schema, request)}`)
}

/**
 * The request that came from elsewhere, without fields that it does not have.
 *
 * @throws InvalidRequestError as {@link checkRequest}
 */
export function parseRequest<O extends AnyOperation>(operation: O, content: unknown): RequestOf<O> {
  checkRequest(operation, content)
  return readValue(schemasOf(operation).request, content) as RequestOf<O>
}

/** The answer that came from elsewhere, without fields that it does not have; undefined when it has another form. */
export function parseResponse(operation: AnyOperation, answer: unknown): unknown {
  const schema = schemasOf(operation).response
  return predicateOf(schema)(answer) ? readValue(schema, answer) : undefined
}
