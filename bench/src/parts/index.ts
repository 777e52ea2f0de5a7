import { issue } from './issue.js'
import type { Part } from './part.js'

export const parts: readonly Part[] = [issue]
