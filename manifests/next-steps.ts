// What to do after the files of the cloud are written, in the order of docs/cloud.md, and what is still open.
import { makeUriSecret } from './external-database.ts'
import * as names from './names.ts'
import { defaults, type Settings } from './options.ts'

const application = names.applicationNamespace.cloud

/** The same line in both shells: a password that nobody has to invent. */
const random = `"$(node -p "require('node:crypto').randomBytes(32).toString('hex')")"`

function ofCluster({
  database,
  storage,
  backup,
  backupStorage,
  monitoring,
  host,
  tlsIssuer,
}: Settings): string[] {
  const needs = [
    ...(database === 'external'
      ? []
      : [
          "MongoDB's operator, the Secret mongodb-tls, the ConfigMap mongodb-ca",
          `a default storage class for three volumes of ${storage}`,
        ]),
    ...(backup === 'none' ? [] : [`a volume of ${backupStorage} for the backups`]),
    ...(host && tlsIssuer ? [`cert-manager with the issuer ${tlsIssuer}`] : []),
    ...(monitoring ? ['the Prometheus operator'] : []),
  ]
  return needs.length === 0 ? [] : [`in the cluster before all else: ${needs.join(', ')}`]
}

function ofSecrets({ secret, database, apiToken }: Settings): string[] {
  const lines: string[] = []
  if (database === 'external') lines.push(`kubectl -n ${application} ${makeUriSecret}`)
  else if (secret === 'external') {
    lines.push(
      `kubectl create secret generic ${names.secret} -n ${names.databaseNamespace} --from-literal=username=data-service --from-literal=password=${random}`,
    )
  }
  lines.push(
    apiToken === undefined || apiToken === 'none'
      ? 'OPEN, token: whoever reaches the service may write; --api-token writes'
      : `kubectl create secret generic ${names.tokenSecret} -n ${application} --from-literal=token=${random}`,
  )
  return lines
}

function ofHost({ host, tlsIssuer, gatewayClass, ingress }: Settings): string[] {
  if (host === undefined) {
    return [
      'OPEN, host: http alone, for the addresses of --source-ranges; --host NAME --tls-issuer NAME',
    ]
  }
  const controller = ingress ? `the Ingress class ${ingress}` : `the GatewayClass ${gatewayClass}`
  return [
    `${host} in DNS, at the address of ${controller}: kubectl get ${ingress ? 'ingress' : 'gateway'} -n ${application}`,
    ...(tlsIssuer
      ? []
      : [
          `OPEN, issuer: your certificate in the Secret ${names.host.certificate}, or --tls-issuer NAME`,
        ]),
  ]
}

/** At most ten lines. */
export function nextSteps(settings: Settings): string[] {
  const { out, image } = settings
  const steps = [
    ...ofCluster(settings),
    ...(image === defaults.image
      ? [
          'OPEN, image: no registry has it; ./deploy.sh push REGISTRY/NAME, then --image REGISTRY/NAME:TAG',
        ]
      : []),
    `kubectl apply -f ${out}/dev-space.yaml`,
    ...ofSecrets(settings),
    `kubectl apply -k ${out}/kustomize`,
    `kubectl rollout status deployment/${names.application.deployment} -n ${application} --timeout=15m`,
    ...ofHost(settings),
  ]
  return [
    `${out}/ is written. Next, as in docs/cloud.md:`,
    ...steps.map((step, index) => `${index + 1}. ${step}`),
  ]
}
