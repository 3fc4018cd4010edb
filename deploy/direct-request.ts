// GET without a proxy: what is asked is on this machine, which a company's proxy does not know.
import { Agent, get } from 'node:http'

// With NODE_USE_ENV_PROXY fetch and Node's own agents ask HTTP_PROXY; this one has no such setting.
const agent = new Agent({ proxyEnv: {} })

/** Why the URL does not answer with success within the time, or undefined: it does. */
export function complaintOf(url: string, milliseconds = 5000): Promise<string | undefined> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(milliseconds)
    const failed = (error: Error) =>
      resolve(
        `GET ${url}: ${signal.aborted ? `no answer within ${milliseconds} ms` : error.message}`,
      )
    const request = get(url, { agent, signal }, (answer) => {
      const { statusCode = 0 } = answer
      answer.on('error', failed)
      answer.on('end', () =>
        resolve(statusCode < 300 ? undefined : `GET ${url} answered ${statusCode}`),
      )
      answer.resume()
    })
    request.on('error', failed)
  })
}
