import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

export interface Bundle {
  /** The program, built from the current sources. */
  readonly main: string
  remove(): Promise<void>
}

/** Builds a program from the sources of all packages. @default the command line program */
export const bundleServer = async (entry = join(packageFolder, 'src/main.ts')): Promise<Bundle> => {
  const { dependencies } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'))
  // Inside the package, so that its imports resolve.
  const folder = await mkdtemp(join(packageFolder, 'node_modules', '.server-'))
  await build({
    entry: { main: entry, worker: join(packageFolder, 'src/worker/main.ts') },
    outDir: folder,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    splitting: true,
    noExternal: [/^@shop\//],
    external: Object.keys(dependencies).filter((name) => !name.startsWith('@shop/')),
    esbuildOptions: (options) => {
      options.conditions = ['@shop/source']
    },
    outExtension: () => ({ js: '.mjs' }),
    // Dependencies of the adapters may be CommonJS.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)",
    },
  })
  return { main: join(folder, 'main.mjs'), remove: () => rm(folder, { recursive: true, force: true }) }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ServerProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the URL of the server. Rejects with the output if the process ends first. */
  readonly url: Promise<string>
  stdout(): string
  stderr(): string
  /** Resolves once the output matches. Rejects if the process ends first. */
  saying(pattern: RegExp): Promise<void>
}

// Variables of the shell that runs the tests must not reach the server.
const cleanEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(SHOP_|DATABASE_URL|REDIS_URL|PORT|HOST|LOG_LEVEL|NODE_ENV)/.test(name),
  ),
)

/** Runs the program in `folder`, by default on a free port and without a rate limit. `input` is its standard input. */
export const startProcess = (
  main: string,
  folder: string,
  environment: Record<string, string>,
  args: readonly string[] = [],
  input = '',
): ServerProcess => {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...cleanEnvironment, PORT: '0', SHOP_RATE_LIMIT: '0', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  // A process that ends early does not read all of it.
  child.stdin.on('error', () => undefined).end(input)
  let [stdout, stderr] = ['', '']
  let isOver = false
  let look: (() => void)[] = []
  const wake = () => {
    const waiting = look
    look = []
    for (const each of waiting) each()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    wake()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    wake()
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true
      resolve({ code, signal })
      wake()
    })
  })
  const saying = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(stdout)) {
      if (isOver) throw new Error(`the server ended:\n${stdout}\n${stderr}`)
      await new Promise<void>((resolve) => look.push(resolve))
    }
  }
  const url = saying(/^Listening on \S+ /m).then(() => /^Listening on (\S+) /m.exec(stdout)?.[1] ?? '')
  url.catch(() => undefined)
  return { child, ended, url, saying, stdout: () => stdout, stderr: () => stderr }
}
