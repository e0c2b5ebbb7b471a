/** The message of an error, or the text of anything else that was thrown. It never throws itself, whatever that was. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'something was thrown that has no form as text'
  }
}
