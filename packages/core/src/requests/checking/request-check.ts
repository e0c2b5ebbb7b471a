import { InvalidRequestError } from '../../errors/kafka-error.ts'
import { schemasOf } from '../../protocol/operation-schemas.ts'
import type { AnyOperation, RequestOf } from '../../protocol/operation.ts'
import { describeIssues } from './request-issues.ts'
import { predicateOf, type Predicate } from './schema-predicate.ts'

/**
 * Where requests enter, all of them are checked by this file, so that each transport refuses the same ones in the same
 * words. It knows all schemas and so brings zod along: servers, engines and Node import it, pages do not.
 */

const predicates = new Map<AnyOperation, Predicate>()

/**
 * Checks a request that is handed over as an object. One that is right costs no more than looking at its fields; zod is
 * asked what is wrong.
 *
 * @throws InvalidRequestError naming the operation and the fields
 */
export function checkRequest(operation: AnyOperation, request: unknown): void {
  let isValid = predicates.get(operation)
  if (!isValid) {
    isValid = predicateOf(schemasOf(operation).request)
    predicates.set(operation, isValid)
  }
  if (!isValid(request)) parseRequest(operation, request)
}

/**
 * The request that came from elsewhere, without fields that it does not have.
 *
 * @throws InvalidRequestError as {@link checkRequest}
 */
export function parseRequest<O extends AnyOperation>(operation: O, content: unknown): RequestOf<O> {
  const result = schemasOf(operation).request.safeParse(content)
  if (result.success) return result.data as RequestOf<O>
  throw new InvalidRequestError(
    `the ${operation.name} request is not valid: ${describeIssues(result.error.issues, { value: content })}`,
  )
}
