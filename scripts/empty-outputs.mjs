// Before a build: removes what earlier builds have written. Turbo adds its kept outputs to a folder without emptying
// it, so files whose sources are gone would stay, and be packed.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { publishedPackages } from './published-packages.mjs'

for (const { folder } of publishedPackages()) rmSync(join(folder, 'dist'), { recursive: true, force: true })
