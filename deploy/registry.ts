// Takes an image's name apart, by the rules of docker's own names.

const hub = 'docker.io'

/** The registry of `host[:port]/path[:tag]`; without a host it is Docker Hub. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/')
  // A first part with a dot, a colon or the name localhost is a host; `me/data-service` has none.
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : hub
}

/** The keys under which docker's config.json may keep a login. */
export const registryKeys = (registry: string): string[] =>
  registry === hub
    ? ['https://index.docker.io/v1/', 'index.docker.io', hub]
    : [registry, `https://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`]
