import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { programOnPath } from './processes.mjs'

/**
 * Distributes requests over the servers on these ports. Skips a server that refuses connections. Resolves with
 * its name and a function that stops it. With `isRouted`, nginx sends requests that change one row to one server.
 */
export const startBalancer = (port, servers, folder, { isRouted = false } = {}) => {
  const nginx = programOnPath('nginx')
  return nginx ? startNginx(nginx, port, servers, { folder, isRouted }) : startOwn(port, servers)
}

const routes = fileURLToPath(new URL('../route.conf', import.meta.url))

/**
 * A request that a server may have started is not sent to another one. The caller retries it with its
 * idempotency key.
 */
const nginxSettings = (listen, servers, { folder, isRouted }) => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  ${isRouted ? `include "${routes}";` : ''}
  upstream shop {
    ${isRouted ? 'hash $route consistent;' : ''}
    ${servers.map((server) => `server ${server} max_fails=1 fail_timeout=1s;`).join('\n    ')}
    keepalive 64;
    # Less than half of SHOP_DRAIN_MS: then a server that ends has no idle connection left that nginx could still use.
    keepalive_timeout 400ms;
  }
  server {
    listen ${listen};
    location / {
      proxy_pass http://shop;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_connect_timeout 1s;
    }
  }
}
`

const startNginx = async (program, port, servers, { folder, isRouted }) => {
  mkdirSync(folder, { recursive: true })
  const settings = join(folder, 'nginx.conf')
  const addresses = servers.map((server) => `127.0.0.1:${server}`)
  writeFileSync(settings, nginxSettings(`127.0.0.1:${port}`, addresses, { folder, isRouted }))
  const child = spawn(program, ['-p', folder, '-c', settings], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`)
    await setTimeout(20)
  }
  return {
    name: 'nginx',
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => resolve(false))
  })

const startOwn = async (port, servers) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  let next = 0

  const pass = (incoming, body, response, tries) => {
    next = (next + 1) % servers.length
    const { method, url: path, headers } = incoming
    const outgoing = request({ host: '127.0.0.1', port: servers[next], method, path, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
      answer.once('error', () => response.destroy())
    })
    outgoing.once('error', (error) => {
      if (error.code === 'ECONNREFUSED' && tries > 1) pass(incoming, body, response, tries - 1)
      else if (response.headersSent) response.destroy()
      else response.writeHead(502).end()
    })
    outgoing.end(body)
  }

  const balancer = createServer((incoming, response) => {
    const chunks = []
    incoming.on('data', (chunk) => chunks.push(chunk))
    incoming.on('end', () => pass(incoming, Buffer.concat(chunks), response, servers.length))
  })
  await new Promise((resolve) => balancer.listen(port, '127.0.0.1', resolve))
  return {
    name: 'a balancer in Node',
    async stop() {
      agent.destroy()
      await new Promise((resolve) => {
        balancer.close(resolve)
        balancer.closeAllConnections()
      })
    },
  }
}
