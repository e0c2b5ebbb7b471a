/** As `engines` of every package says it, which only package managers read, and most of them only to warn. */
export const requiredNode = '^22.22 || >=24.11'

/**
 * What to tell of a Node that is too old; undefined where it is new enough, and on Bun and Deno, whose version of Node
 * says little.
 */
export function tooOldNode(versions: Readonly<Record<string, string | undefined>>): string | undefined {
  const [major = 0, minor = 0] = (versions['node'] ?? '').split('.').map(Number)
  if (versions['bun'] !== undefined || versions['deno'] !== undefined) return undefined
  if ((major === 22 && minor >= 22) || (major === 24 && minor >= 11) || major > 24) return undefined
  return `kafkado needs Node ${requiredNode}; this is Node ${versions['node']}`
}
