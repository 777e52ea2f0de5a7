import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { vi } from 'vitest'
import type { TenantsCall } from '../../src/server/tenants/call.js'
import { runTenants } from '../../src/server/tenants/run-tenants.js'

/** A file of shops, and the commands on it, without a process of their own. */
export class TenantsCommands {
  readonly #folder = mkdtempSync(join(tmpdir(), 'shop-tenants-'))
  readonly file = join(this.#folder, 'shops.json')
  environment: Readonly<Record<string, string>> = {}

  write(content: { readonly databases: object; readonly shops: object }): void {
    writeFileSync(this.file, JSON.stringify(content), { mode: 0o600 })
  }

  /** The shops that the file has now. */
  shops(): Record<string, unknown> {
    return JSON.parse(readFileSync(this.file, 'utf8')).shops
  }

  async run(call: TenantsCall, signal = new AbortController().signal) {
    const written = { stdout: '', stderr: '' }
    const capture = (name: keyof typeof written) =>
      vi.spyOn(process[name], 'write').mockImplementation((text: unknown, ...rest: unknown[]) => {
        written[name] += String(text)
        for (const done of rest) if (typeof done === 'function') done()
        return true
      })
    const captured = [capture('stdout'), capture('stderr')]
    const { file, environment } = this
    try {
      const logger = pino({ level: 'silent' })
      const code = await runTenants(call, { file, environment, prepared: true, logger, signal })
      return { code, ...written }
    } finally {
      for (const each of captured) each.mockRestore()
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Lines of JSON. */
export const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
