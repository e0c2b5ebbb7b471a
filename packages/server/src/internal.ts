/** Names for sibling packages, apart from the server itself: the command line shows them in every help. */
export { scopeOperations, scopeResources } from './auth/scopes.ts'
export { defaultLimits } from './call/limits.ts'
