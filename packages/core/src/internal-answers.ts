/**
 * Names for the sibling packages that answer requests: the engine and wire. Separate from internal.ts, so that a page,
 * or a program that has not opened a transport yet, does not load them. They may change in any release.
 */
export { errorDescriptions } from './errors/error-descriptions.ts'
export { described, type ErrorFields, failed, noSuchPartition, noSuchTopic, succeeded } from './errors/error-fields.ts'
export { isMeant, type MeantTopic, wrongId } from './requests/meant-topic.ts'
export { unknownGroup, unknownTransaction } from './requests/unknown-elements.ts'
