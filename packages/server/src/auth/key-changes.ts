import type { AuditEntry } from '../audit/audit-entry.ts'
import type { StoredKey } from './api-key.ts'

/** The keys that came, went and changed, for the audit log. */
export function changesOfKeys(
  before: readonly StoredKey[],
  after: readonly StoredKey[],
): Pick<AuditEntry, 'operation' | 'resources'>[] {
  const [old, young] = [byId(before), byId(after)]
  const change = (operation: string, id: string) => ({ operation, resources: [`key:${id}`] })
  const gone = before.filter(({ id }) => !young.has(id)).map(({ id }) => change('revokeKey', id))
  const others = after.flatMap((key) => {
    const known = old.get(key.id)
    if (!known) return change('createKey', key.id)
    const isRotated = JSON.stringify(known.hashes) !== JSON.stringify(key.hashes)
    const isAltered = JSON.stringify({ ...known, hashes: [] }) !== JSON.stringify({ ...key, hashes: [] })
    return [...(isRotated ? [change('rotateKey', key.id)] : []), ...(isAltered ? [change('alterKey', key.id)] : [])]
  })
  return [...gone, ...others]
}

function byId(keys: readonly StoredKey[]): Map<string, StoredKey> {
  return new Map(keys.map((key) => [key.id, key]))
}
