import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const run = promisify(execFile)

/** First the one without windows, which takes half of the processor time. */
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
]

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = (...names: readonly string[]): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/lib/chromium']
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isProgram)

/** Without a font with Korean letters, the Korean page would be measured in boxes. */
const hasKoreanFont = async (): Promise<boolean> => {
  const lister = onPath('fc-list')
  return lister !== undefined && (await run(lister, [':lang=ko'])).stdout.trim() !== ''
}

/** On Debian as root, as on a fresh CI machine. */
const install = async (...packages: readonly string[]): Promise<void> => {
  const apt = process.getuid?.() === 0 ? onPath('apt-get') : undefined
  if (apt === undefined) return
  console.log(`installing ${packages.join(', ')} for the tests of the page`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run(apt, ['-qq', 'update'], { env })
  await run(apt, ['-qq', 'install', '--yes', '--no-install-recommends', ...packages], { env, maxBuffer: 2 ** 26 })
}

const findChromium = async (): Promise<string> => {
  const found = () => [process.env['CHROMIUM_BIN'] ?? ''].find(isProgram) ?? onPath(...names)
  // Debian 11 has no headless shell.
  if (found() === undefined) await install('chromium-headless-shell').catch(() => install('chromium'))
  if (!(await hasKoreanFont())) await install('fonts-nanum', 'fontconfig')
  const path = found()
  if (path !== undefined) return path
  throw new Error(
    'the tests of the page need Chromium: apt-get install chromium-headless-shell, or name another with CHROMIUM_BIN',
  )
}

/** Time limit, including the installation. */
export const openingMs = 300_000

/** A headless browser. Root cannot use its sandbox. */
export const openBrowser = async (): Promise<Browser> =>
  chromium.launch({
    executablePath: await findChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-dev-shm-usage', '--disable-gpu'],
  })
