import { readFile, stat } from 'node:fs/promises'
import type { ListShops, LocateShop } from './shop-location.js'
import { checkTenants, parseTenants, type Tenants, TenantsFileError } from './tenants-content.js'

/** Options of `openTenantsFile`. */
export interface TenantsFileOptions {
  /**
   * Where variables that the file names are looked up.
   * @default process.env
   */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * Is told once of each change that cannot be used. The shops stay as the file said before.
   * @default Nobody is told.
   */
  readonly onError?: ((error: unknown) => void) | undefined
  /**
   * The file is looked at again at most this often, in milliseconds. A shop that it did not have is looked for at
   * once.
   * @default 1000
   */
  readonly checkEveryMs?: number | undefined
}

/** A file that says where the shops are. Changes of the file take effect without a restart. */
export interface TenantsFile {
  /** Finds a shop of the file. */
  readonly locate: LocateShop
  /** The ids of the shops, in the order of the file. */
  readonly list: ListShops
  /** Whether the file cannot be used now: `locate` and `list` then answer with what it said before. */
  readonly isOutdated: () => Promise<boolean>
  /** Ends the look at the file: later calls answer with what it said last. */
  close(): void
}

/** An unreadable file is a mistake of the file. */
const reading = async <T>(path: string, work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new TenantsFileError(path, [{ path: '', reason: `cannot be read: ${code}` }], { cause: error })
  }
}

/**
 * Reads a file of shops.
 * @throws TenantsFileError with the path of every mistake
 */
export const readTenantsFile = async (
  path: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Tenants> => {
  const tenants = parseTenants(path, await reading(path, readFile(path, 'utf8')), environment)
  await checkTenants(path, tenants)
  return tenants
}

/** Differs after each change: a change replaces the file, so the new one has another number. */
const versionOf = async (path: string): Promise<string> => {
  const { ino, mtimeMs, size } = await reading(path, stat(path))
  return `${ino} ${mtimeMs} ${size}`
}

/**
 * Opens a file of shops, and reads it.
 *
 * @throws TenantsFileError with the path of every mistake
 * @example
 * ```ts
 * const { locate, list, isOutdated } = await openTenantsFile('shops.json', { onError: (error) => logger.error(error) })
 * const server = await createShops({ locate, list, isOutdated, auth: { secret } })
 * ```
 */
export const openTenantsFile = async (
  path: string,
  { environment = process.env, onError = () => {}, checkEveryMs = 1_000 }: TenantsFileOptions = {},
): Promise<TenantsFile> => {
  // Before the content: a change between the two is then seen at the next look.
  let version: string | undefined = await versionOf(path)
  let { shops } = await readTenantsFile(path, environment)
  let checkedAt = performance.now()
  let check: Promise<void> | undefined
  let isClosed = false
  let isOutdated = false

  let told: string | undefined
  /** A file that is away for a moment, as it is while some editors write, is told once as well. */
  const tell = (error: unknown): void => {
    const text = String(error)
    if (text !== told) onError(error)
    told = text
  }

  const look = async (): Promise<void> => {
    try {
      const now = await versionOf(path)
      if (now === version) return
      version = now
      ;({ shops } = await readTenantsFile(path, environment))
      isOutdated = false
      told = undefined
    } catch (error) {
      isOutdated = true
      // What kept it from being read may end without a change of the file. Mistakes in it do not.
      if (error instanceof TenantsFileError && error.cause !== undefined) version = undefined
      tell(error)
    } finally {
      checkedAt = performance.now()
      check = undefined
    }
  }

  const current = async () => {
    if (!isClosed && performance.now() - checkedAt >= checkEveryMs) check ??= look()
    await check
    return shops
  }

  /** A look under way may have begun before the file changed. All who ask for unknown shops meanwhile share the next. */
  const lookAgain = async () => {
    await check
    if (!isClosed) check ??= look()
    await check
    return shops
  }

  return {
    async locate(shopId) {
      const tenant = (await current()).get(shopId) ?? (await lookAgain()).get(shopId)
      if (!tenant) return undefined
      const { shopId: _, databaseName: __, ...location } = tenant
      return location
    },
    list: async () => [...(await current()).keys()],
    async isOutdated() {
      await current()
      return isOutdated
    },
    close() {
      isClosed = true
    },
  }
}
