import { builtinModules } from 'node:module'

const builtins = new Set(builtinModules)

/** Whether only Node has a module of that name. */
export function isBuiltIn(name) {
  return name.startsWith('node:') || builtins.has(name)
}
