// How this machine reaches a node port: directly, or through a tunnel that a program must hold open.
import { createServer } from 'node:net'
import { type Engine, isApart, isAway } from './docker-engine.ts'
import type { Platform } from './platform.ts'
import { commandsFor } from './remedy.ts'

/**
 * On Linux with docker's own engine the node's address is reachable. Where docker runs in a machine of
 * its own (macOS, Windows, WSL, Docker Desktop, Colima, rootless), `minikube service --url` holds a tunnel
 * open and does not return. The rule is minikube's NeedsPortForward. On another computer a published port
 * would be that computer's.
 */
export function waysIn(
  platform: Platform,
  info: unknown,
  engine: Engine,
): 'direct' | 'tunnel' | 'away' {
  if (isAway(engine)) return 'away'
  return platform === 'linux' && !isApart(engine, info) ? 'direct' : 'tunnel'
}

/** What is to be known of an engine on another computer. */
export const awayNote = ({ host }: Engine, profile: string): string =>
  `docker's engine is on another computer (${host}): the node's ports are there too, and the URL needs ${commandsFor(profile).deploy('open')}.`

/**
 * What `minikube start --ports` is to publish, so that the URL needs no tunnel. It can only be said when
 * the cluster is made, and a port that is taken would make the start fail: then nothing is published.
 */
export const publishedPort = async (port: number): Promise<string> =>
  (await isFreePort(port)) ? `127.0.0.1:${port}:${port}` : ''

/** Whether nobody on this machine listens on the port of 127.0.0.1. */
export function isFreePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** The first URL that minikube prints; other lines are for people, and on some versions on stdout. */
export const urlIn = (text: string): string | undefined => /^https?:\/\/\S+/m.exec(text)?.[0]
