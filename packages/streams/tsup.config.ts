import { definePackageBuild } from '../../scripts/tsup-preset.ts'

export default definePackageBuild({ keepsPublicList: true })
