import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ended, freePort } from '../child.js'
import { findProgram, type Program } from '../distribution.js'

/** An nginx process in front of some servers. */
export interface Nginx {
  readonly url: string
  /** Stops it and removes its folder. */
  stop(): Promise<void>
}

const findNginx = (): Promise<Program> =>
  findProgram({
    names: ['nginx'],
    variable: 'NGINX_BIN',
    packages: ['nginx', 'nginx-common', 'libpcre2-8-0'],
    file: 'usr/sbin/nginx',
    advice:
      'These tests need nginx, and none was found. Install it ("apt install nginx", "brew install nginx"), ' +
      'or set NGINX_BIN to its path.',
  })

/** What nginx serves: an upstream with the servers' addresses, and a server that listens on `listen`. */
export type Site = (listen: string, upstreams: readonly string[]) => string

const balancer: Site = (listen, upstreams) => `
upstream shop {
  ${upstreams.map((server) => `server ${server} max_fails=1 fail_timeout=1s;`).join('\n  ')}
  keepalive 64;
}
server {
  listen ${listen};
  location / {
    proxy_pass http://shop;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_connect_timeout 1s;
  }
}
`

const settingsOf = (site: string): string => `
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  ${site}
}
`

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => resolve(false))
  })

const untilListening = async (child: ChildProcess, port: number): Promise<void> => {
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`)
    await setTimeout(20)
  }
}

/** Starts nginx in front of servers on these ports of this machine. */
export const startNginx = async (ports: readonly number[], site: Site = balancer): Promise<Nginx> => {
  const { path, libraries } = await findNginx()
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'shop-nginx-'))
  const settings = join(folder, 'nginx.conf')
  const upstreams = ports.map((each) => `127.0.0.1:${each}`)
  await writeFile(settings, settingsOf(site(`127.0.0.1:${port}`, upstreams)))
  const env = libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env
  const child = spawn(path, ['-p', folder, '-c', settings], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  await untilListening(child, port)
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM')
      await ended(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
