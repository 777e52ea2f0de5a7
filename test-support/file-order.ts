import { basename } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take a minute or more come first, and those of a second last, so that no worker is left alone at the end. */
const rankOf = ({ moduleId }: TestSpecification): number => {
  if (/\.e2e\.|\/(kit|mutants)\//.test(moduleId)) return 0
  return /\.(unit|contract)\./.test(moduleId) ? 2 : 1
}

const nameOf = ({ moduleId }: TestSpecification): string => basename(moduleId)

/**
 * The order of the test files, without the durations of an earlier run: a fresh clone has none. The order by name mixes
 * files that compute with files that wait, for example for Redis.
 */
export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => rankOf(a) - rankOf(b) || (nameOf(a) < nameOf(b) ? -1 : 1))
  }
}
