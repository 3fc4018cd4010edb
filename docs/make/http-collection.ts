// The curl commands of a chapter as an .http file, which editors send with a click.

interface Request {
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: string | undefined
}

/**
 * The requests of the chapter, in their order.
 * @throws Error for an option of curl that it does not know
 */
export function httpCollection(document: string, chapter: string): string {
  const [, text = ''] = document.split(`\n## ${chapter}\n`)
  const [own = ''] = text.split('\n## ')
  const commands = [...own.matchAll(/^\$ curl (.*?)(?: \| .*)?$/gm)].map(([, words = '']) => words)
  const requests = commands.map((words) => written(requestOf(words)))
  const head = `# The examples of "${chapter}" in api.md, made by npm run docs. REST Client, JetBrains and Bruno read it.\n@service = http://localhost:5000\n`
  return [head, ...requests].join('\n###\n\n')
}

// A word of the shell: in single quotes as it is, else up to the next blank.
const word = /'([^']*)'|(\S+)/g

function requestOf(command: string): Request {
  const words = [...command.matchAll(word)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const headers: string[] = []
  let [method, url] = ['GET', '']
  let body: string | undefined
  for (let at = 0; at < words.length; at++) {
    const each = words[at] ?? ''
    const value = () => words[++at] ?? ''
    if (each === '-X') method = value()
    else if (each === '-H') headers.push(value())
    else if (each === '-d') body = value()
    else if (each === '-D' || each === '-o') value()
    else if (each.startsWith('localhost:5000')) url = each.slice('localhost:5000'.length)
    else if (each !== '-s') throw new Error(`curl ${command}: what is ${each}?`)
  }
  return { method, url, headers, body }
}

const written = ({ method, url, headers, body }: Request) =>
  [`${method} {{service}}${url}`, ...headers, ...(body === undefined ? [] : ['', body]), ''].join(
    '\n',
  )
