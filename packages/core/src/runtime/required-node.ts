/** The same as `engines` in every package. Only package managers read that field, and most of them only warn. */
export const requiredNode = '^22.22 || >=24.11'

/**
 * The message for a Node that is too old; undefined for a new enough one, and on Bun and Deno, whose Node version says
 * little.
 */
export function tooOldNode(versions: Readonly<Record<string, string | undefined>>): string | undefined {
  const [major = 0, minor = 0] = (versions['node'] ?? '').split('.').map(Number)
  if (versions['bun'] !== undefined || versions['deno'] !== undefined) return undefined
  if ((major === 22 && minor >= 22) || (major === 24 && minor >= 11) || major > 24) return undefined
  return `kafkado needs Node ${requiredNode}; this is Node ${versions['node']}`
}
