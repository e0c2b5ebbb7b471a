export async function tryRunners() {
  return []
}
