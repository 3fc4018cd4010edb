// The exit codes of deploy.sh and deploy.ps1: the one table that --help of both repeats.

export const exitCodes = {
  done: { code: 0, meaning: 'done' },
  unexpected: { code: 1, meaning: 'something that no line below names' },
  usage: { code: 2, meaning: 'an unknown word or a wrong option' },
  declined: { code: 3, meaning: 'not confirmed' },
  toolMissing: { code: 10, meaning: 'a tool is missing or too old' },
  dockerDown: { code: 11, meaning: 'the docker daemon does not answer' },
  tooSmall: { code: 12, meaning: 'docker has too little memory or too few processors' },
  notStarted: { code: 13, meaning: 'minikube did not start' },
  npm: { code: 14, meaning: 'npm ci failed' },
  foreign: { code: 15, meaning: 'the kubectl context belongs to another cluster' },
  build: { code: 20, meaning: 'the image could not be built' },
  notLoaded: { code: 21, meaning: 'the image is not in the cluster' },
  manifests: { code: 22, meaning: 'the manifests could not be written' },
  refused: { code: 23, meaning: 'the cluster refused an object' },
  portTaken: { code: 24, meaning: 'the node port belongs to another Service' },
  notDeployed: { code: 25, meaning: 'the application is not there; up brings it' },
  notWell: { code: 26, meaning: 'the application is there, and not well' },
  unschedulable: { code: 30, meaning: 'no node has room for a pod' },
  imagePull: { code: 31, meaning: 'a pod cannot get its image' },
  crashLoop: { code: 32, meaning: 'a container ends again and again' },
  wrongPassword: { code: 33, meaning: 'the database refuses the password' },
  container: { code: 34, meaning: 'a container cannot be created: settings, secret or volume' },
  podRefused: { code: 35, meaning: 'the cluster refuses to make the pods' },
  deadline: { code: 36, meaning: 'a wait reached its deadline' },
  noAnswer: { code: 40, meaning: 'the URL does not answer' },
  wrongAnswer: { code: 41, meaning: 'the URL answers, and not as it should' },
  noScaling: { code: 42, meaning: 'the autoscaler did not act in time' },
  failedRequests: { code: 43, meaning: 'requests failed under load' },
  notLoggedIn: { code: 50, meaning: 'not logged in to the registry' },
  push: { code: 51, meaning: 'the push failed' },
  backup: { code: 60, meaning: 'the backup failed; the last good one is there' },
  restore: { code: 61, meaning: 'the restore failed; no document is lost' },
  interrupted: { code: 130, meaning: 'interrupted' },
} as const

export type Outcome = keyof typeof exitCodes

/** The table as --help shows it: `  10  a tool is missing or too old`. */
export const exitCodeLines = (): string[] =>
  Object.values(exitCodes).map(({ code, meaning }) => `  ${`${code}`.padStart(3)}  ${meaning}`)
