import { MemoryStorage, type Storage, type StorageChanges } from '@kafkado/broker/storage'

/** A disk whose syncs can be held back: units committed meanwhile are not durable, and a crash loses them. */
export class HoldingStorage extends MemoryStorage implements Storage {
  readonly #durable: StorageChanges[] = []
  #held: (() => void)[] | undefined

  hold(): void {
    this.#held = []
  }

  /** Makes everything durable, in order. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const go of held) go()
  }

  override async commit(changes: StorageChanges): Promise<void> {
    if (this.#held) await new Promise<void>((go) => this.#held?.push(go))
    this.#durable.push(changes)
    await super.commit(changes)
  }

  /** The disk as a restart finds it if the machine goes down now. */
  async afterCrash(): Promise<Storage> {
    const found = new MemoryStorage()
    for (const changes of this.#durable) await found.commit(changes)
    return found
  }
}
