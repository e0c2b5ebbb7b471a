import { tabMemory } from '@kafkado/core/internal'

/** What another page of the tab has to know of a member to let it leave. */
export interface TabMember {
  readonly group: string
  readonly memberId: string
  readonly instanceId: string | null
}

/*
 * A page that crashes tells no group that it goes, and what it says while it goes may be overtaken by its own request
 * to join. So the tab remembers its members, and the page that comes next lets those leave that are still there.
 *
 * A duplicated tab has a copy of what its original remembers, whose members live. Each page therefore holds a lock for
 * each of its members, which a browser gives to others when the page is gone, and not before. What is remembered has
 * always been locked already.
 */

const prefix = 'kafkado/member/'

/** Remembers a member. @returns what forgets it again, when it has left */
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
  // A tab that can remember nothing more has members that leave when their page goes, as all do.
  held.catch(() => undefined)
  return forget
}

/**
 * Lets members of the group leave whose page is gone. Resolves when they have, as partitions would not become free
 * otherwise before a session is over; undefined when there are none. Does not reject.
 *
 * @param leave resolves when the member has left, and rejects when the group has not told
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

function memberIn(text: string | null): TabMember | undefined {
  try {
    return JSON.parse(text ?? '') as TabMember
  } catch {
    return undefined
  }
}
