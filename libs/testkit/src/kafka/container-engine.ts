import { request } from 'node:http'

const ANSWER_MS = 1_500

/** Does a container engine answer? Asks its socket once and never waits long; `MILLRACE_SERVICES=process` says no. */
export const hasContainerEngine = (): Promise<boolean> => {
  if (process.env['MILLRACE_SERVICES'] === 'process') return Promise.resolve(false)
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'
  const address = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: Number(new URL(host).port || 2375) }
  return new Promise((resolve) => {
    const ping = request({ ...address, path: '/_ping', timeout: ANSWER_MS }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    ping.on('error', () => resolve(false))
    ping.on('timeout', () => ping.destroy(new Error('no answer')))
    ping.end()
  })
}
