import { createServer } from 'node:http'

/** Receives the shop's events, and keeps the types of each subject in the order of their first arrival. */
export const startDataPlatform = async () => {
  const seen = new Set()
  const subjects = new Map()
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { id, subject, type, data } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      if (!seen.has(id)) {
        seen.add(id)
        const known = subjects.get(subject) ?? []
        known.push({ type, sequence: data.sequence })
        subjects.set(subject, known)
      }
      response.writeHead(204).end()
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/events`,
    secret: `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`,
    subjects,
    count: () => seen.size,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
