import { tabMemory } from '@kafkado/core/internal'

/** Another page of the tab needs this to make the member leave. */
export interface TabMember {
  readonly group: string
  readonly memberId: string
  readonly instanceId: string | null
}

/*
 * A crashing page cannot tell its groups that it leaves. A closing page can, but its earlier request to join may arrive
 * after that and undo it. So the tab remembers its members, and the next page makes the remaining ones leave.
 *
 * A duplicated tab copies the memory of the original, whose members are alive. Each page therefore holds a lock for
 * each of its members. The browser releases the lock when the page is gone, and not before. A page always takes the
 * lock before it remembers the member.
 */

const prefix = 'kafkado/member/'

/** Remembers a member. @returns a function that forgets it, once it has left */
export function rememberMember(member: TabMember): () => void {
  const tab = tabMemory()
  let forget = (): void => undefined
  if (!tab) return forget
  const { storage, locks } = tab
  const name = prefix + member.memberId
  const forgotten = new Promise<void>((resolve) => {
    forget = resolve
  })
  const held = locks.request(name, {}, async () => {
    storage.setItem(name, JSON.stringify(member))
    await forgotten
    storage.removeItem(name)
  })
  // If the tab cannot store more, its members still leave when their page goes away.
  held.catch(() => undefined)
  return forget
}

/**
 * Makes members of the group leave whose page is gone. Their partitions would otherwise stay taken for a session.
 * Resolves when they have left; undefined when there are none. Never rejects.
 *
 * @param leave resolves when the member has left, and rejects when the group did not answer
 */
export function leaveForMembers(
  group: string,
  leave: (member: TabMember) => Promise<unknown>,
): Promise<unknown> | undefined {
  const tab = tabMemory()
  if (!tab) return undefined
  const { storage, locks } = tab
  const left = Object.keys(storage).flatMap((name) => {
    const member = name.startsWith(prefix) ? memberIn(storage.getItem(name)) : undefined
    if (member?.group !== group) return []
    const leaving = locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return
      await leave(member)
      storage.removeItem(name)
    })
    return [leaving]
  })
  return Promise.allSettled(left)
}

/** Undefined when another script of the page has written something else there. */
export function memberIn(text: string | null): TabMember | undefined {
  try {
    const member = JSON.parse(text ?? '') as Partial<TabMember> | null
    const { group, memberId, instanceId } = member ?? {}
    if (typeof group !== 'string' || typeof memberId !== 'string') return undefined
    return instanceId === null || typeof instanceId === 'string' ? { group, memberId, instanceId } : undefined
  } catch {
    return undefined
  }
}
