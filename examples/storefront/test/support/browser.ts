import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const findChromium = (): string => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/lib/chromium']
  const found = [
    process.env['CHROMIUM_BIN'] ?? '',
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ]
    .filter((path) => path !== '')
    .find(isProgram)
  if (found === undefined) {
    throw new Error(
      'the tests of the page need Chromium: apt-get install chromium (or name another one with CHROMIUM_BIN)',
    )
  }
  return found
}

/** A real browser without a window. Root may not use its sandbox. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-dev-shm-usage', '--disable-gpu'],
  })
