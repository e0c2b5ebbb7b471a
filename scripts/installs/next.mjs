export async function tryNext() {
  return []
}
