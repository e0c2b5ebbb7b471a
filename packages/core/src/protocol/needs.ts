/** What access control allows or denies: Kafka's own words. */
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

/** What has to be allowed for everything that a field of a request names. A field that is null names nothing. */
export type FieldNeed<Field extends string = string> = readonly [
  operation: NeededOperation,
  resource: NeededResource,
  field: Field,
]

/**
 * All that has to be allowed for an operation, where the names in its request say it, and its answer tells of nothing
 * else. At least one need, so that an empty list does not open an operation to everybody: whatever needs nothing, or
 * more, has a rule of its own in the server, and without either it is refused to every key.
 */
export type NeedsOf<Request> = readonly [FieldNeed<FieldsNaming<Request>>, ...FieldNeed<FieldsNaming<Request>>[]]

type Names = readonly (string | { readonly topic: string } | { readonly resourceName: string })[]

/**
 * The fields of a request that hold names. A list that may be null is none of them, because null asks for all there is.
 */
type FieldsNaming<Request> = {
  [Field in keyof Request & string]: Request[Field] extends string | null
    ? Field
    : Request[Field] extends Names
      ? Field
      : never
}[keyof Request & string]
