import { Library } from '../library/library.js'
import type { LibraryOptions } from '../library/questions.js'
import type { Database } from '../stage/postgres.js'
import type { Bench } from './part.js'

export type Shared = Omit<LibraryOptions, 'url' | 'users'>

type Work<T> = (library: Library, database: Database) => Promise<T>

/** Runs `work` with the shop as a library, on a new database. */
export const onUnauditedLibrary = async <T>(
  { seeds, settings }: Bench,
  name: string,
  options: Shared,
  work: Work<T>,
): Promise<T> => {
  const { users, profileFolder } = settings
  const database = await seeds.shop(name)
  const library = new Library({ url: database.url, users, ...options }, { profileFolder })
  try {
    return await work(library, database)
  } finally {
    await library.stop()
    await database.drop()
  }
}

/** The same, followed by an audit. */
export const onLibrary = <T>(bench: Bench, name: string, options: Shared, work: Work<T>): Promise<T> =>
  onUnauditedLibrary(bench, name, options, async (library, database) => {
    const result = await work(library, database)
    bench.show('auditing')
    await library.audit()
    return result
  })

/** Runs `work` with the tables of the baselines. */
export const onBaseline = async <T>({ seeds }: Bench, work: (url: string) => Promise<T>): Promise<T> => {
  const database = await seeds.baseline()
  try {
    return await work(database.url)
  } finally {
    await database.drop()
  }
}
