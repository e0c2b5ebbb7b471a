import { readFileSync } from 'node:fs'
import type { Acknowledgement } from './acknowledgement.ts'
import { checkFolder } from './check-folder.ts'

/** As `checkFolder`, in a process of its own: what a broken disk leaves can end the process that reads it. */
const [folder = '', toldFile = ''] = process.argv.slice(2)
const violations = await checkFolder(folder, JSON.parse(readFileSync(toldFile, 'utf8')) as Acknowledgement[])
for (const violation of violations) console.log(violation)
