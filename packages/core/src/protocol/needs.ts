/** The permissions of access control, in Kafka's words. */
export const neededOperations = [
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'describeConfigs',
  'alterConfigs',
] as const
export type NeededOperation = (typeof neededOperations)[number]

export const neededResources = ['topic', 'group', 'transactionalId'] as const
export type NeededResource = (typeof neededResources)[number]

/** The permission needed for every name in a field of a request. A null field names nothing. */
export type FieldNeed<Field extends string = string> = readonly [
  operation: NeededOperation,
  resource: NeededResource,
  field: Field,
]

/**
 * All permissions needed for an operation, if the names in its request determine them and its answer reveals nothing
 * else. The list has at least one need, so that an empty one cannot open an operation to everybody. Any other operation
 * has its own rule in the server; without either, every key is refused.
 */
export type NeedsOf<Request> = readonly [FieldNeed<FieldsNaming<Request>>, ...FieldNeed<FieldsNaming<Request>>[]]

type Names = readonly (string | { readonly topic: string } | { readonly resourceName: string })[]

/** The fields of a request that hold names. A nullable list does not count, because null asks for everything. */
type FieldsNaming<Request> = {
  [Field in keyof Request & string]: Request[Field] extends string | null
    ? Field
    : Request[Field] extends Names
      ? Field
      : never
}[keyof Request & string]
