/** Tells this process from others that write to the same broker, which may outlive all of them. */
const ofThisProcess = crypto.randomUUID().slice(0, 8)
let count = 0

/** A name that no topic, group or application has yet. The names of a process count up from 0. */
export function freshName(beginning: string): string {
  return `${beginning}-${ofThisProcess}-${count++}`
}
