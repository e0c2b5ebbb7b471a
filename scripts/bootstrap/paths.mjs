import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Named by platform, so that a checkout shared between a host and a container keeps both. */
export const toolchainFolder = join(root, '.toolchain', `${process.platform}-${process.arch}`)
