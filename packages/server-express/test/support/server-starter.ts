import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from './server-process.js'

export interface ServerStarter {
  readonly database: FreshDatabase
  /** The working folder of the servers. Empty at the start of each test. */
  readonly folder: string
  /** Starts the bundled server on the database. It is stopped at the end of the test. */
  start(environment?: Record<string, string>, args?: readonly string[], input?: string): ServerProcess
  stop(server: ServerProcess): ServerProcess['ended']
}

/** Bundled servers on one database, for all tests of a file. */
export const serverStarter = (): ServerStarter => {
  let bundle: Bundle
  let database: FreshDatabase
  let folder: string
  let started: ServerProcess[] = []
  beforeAll(async () => {
    ;[bundle, database] = await Promise.all([bundleServer(), freshDatabase()])
  })
  afterAll(() => Promise.all([bundle.remove(), database.drop()]))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shop-start-'))
  })
  afterEach(async () => {
    for (const { child } of started) child.kill('SIGKILL')
    await Promise.all(started.map(({ ended }) => ended))
    started = []
    await rm(folder, { recursive: true, force: true })
  })
  return {
    get database() {
      return database
    },
    get folder() {
      return folder
    },
    start(environment = {}, args = [], input = '') {
      const server = startProcess(bundle.main, folder, { DATABASE_URL: database.url, ...environment }, args, input)
      started.push(server)
      return server
    },
    stop(server) {
      server.child.kill('SIGTERM')
      return server.ended
    },
  }
}
