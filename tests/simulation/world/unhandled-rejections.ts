import type { History } from '../history/history.ts'

let heard: ((error: unknown) => void) | undefined

function listen(error: unknown): void {
  heard?.(error)
}

/** Tells a history what nobody caught while its world runs. @returns what ends it */
export function watchRejections(history: History): () => void {
  heard = (error) => {
    const text = error instanceof Error ? (error.stack ?? String(error)) : String(error)
    history.add('world', { type: 'unhandled-rejection', error: text.split('\n').slice(0, 4).join(' | ') })
  }
  process.on('unhandledRejection', listen)
  process.on('uncaughtException', listen)
  return () => {
    process.off('unhandledRejection', listen)
    process.off('uncaughtException', listen)
    heard = undefined
  }
}
