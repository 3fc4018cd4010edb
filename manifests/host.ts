// app-host.yaml: a name for the application, with TLS. The kinds come from the Gateway API (or an Ingress
// controller) and cert-manager, which must be in the cluster already.
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js'
import type { Ingress, NetworkPolicy, NetworkPolicySpec } from 'kubernetes-types/networking/v1.js'
import { explainFindings } from './analysers.ts'
import * as names from './names.ts'
import type { Settings } from './options.ts'
import type { KubernetesObject } from './write-files.ts'

/** What is used here of cert-manager.io/v1; a test checks it against the definition, as the next two. */
interface Certificate {
  apiVersion: 'cert-manager.io/v1'
  kind: 'Certificate'
  metadata: ObjectMeta
  spec: {
    secretName: string
    dnsNames: string[]
    privateKey: { algorithm: 'ECDSA' | 'RSA'; size: number; rotationPolicy: 'Always' | 'Never' }
    issuerRef: { group: 'cert-manager.io'; kind: string; name: string }
  }
}

interface Gateway {
  apiVersion: 'gateway.networking.k8s.io/v1'
  kind: 'Gateway'
  metadata: ObjectMeta
  spec: {
    gatewayClassName: string
    listeners: {
      name: string
      protocol: 'HTTP' | 'HTTPS'
      port: number
      hostname: string
      tls?: { mode: 'Terminate'; certificateRefs: { name: string }[] }
    }[]
  }
}

interface HttpRoute {
  apiVersion: 'gateway.networking.k8s.io/v1'
  kind: 'HTTPRoute'
  metadata: ObjectMeta
  spec: {
    parentRefs: { name: string; sectionName: string }[]
    hostnames: string[]
    rules: {
      filters?: {
        type: 'RequestRedirect'
        requestRedirect: { scheme: 'https'; statusCode: 301 }
      }[]
      backendRefs?: { name: string; port: number }[]
    }[]
  }
}

const namespace = names.applicationNamespace.cloud
const { service, servicePort, selector } = names.application
const { gateway, route, redirect, ingress, certificate } = names.host
const metadata = (name: string) => ({
  name,
  namespace,
  labels: names.labels(selector, name, 'application'),
})

const certificateOf = (host: string, issuer: string) => {
  const [name = '', kind = 'ClusterIssuer'] = issuer.split('/').reverse()
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: metadata(certificate),
    spec: {
      secretName: certificate,
      dnsNames: [host],
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: { group: 'cert-manager.io', kind, name },
    },
  } satisfies Certificate
}

/** A gateway of our own: to attach to another's, its owner would have to allow it and hold the certificate. */
const gatewayOf = (host: string, gatewayClassName: string) =>
  ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: metadata(gateway),
    spec: {
      gatewayClassName,
      listeners: [
        { name: 'http', protocol: 'HTTP', port: 80, hostname: host },
        {
          name: 'https',
          protocol: 'HTTPS',
          port: 443,
          hostname: host,
          tls: { mode: 'Terminate', certificateRefs: [{ name: certificate }] },
        },
      ],
    },
  }) satisfies Gateway

const routeOf = (host: string) =>
  ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: metadata(route),
    spec: {
      parentRefs: [{ name: gateway, sectionName: 'https' }],
      hostnames: [host],
      rules: [{ backendRefs: [{ name: service, port: servicePort }] }],
    },
  }) satisfies HttpRoute

/** The challenge of an ACME issuer comes over http too; its path is longer, so it wins. */
const redirectOf = (host: string) =>
  ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: metadata(redirect),
    spec: {
      parentRefs: [{ name: gateway, sectionName: 'http' }],
      hostnames: [host],
      rules: [
        {
          filters: [
            { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } },
          ],
        },
      ],
    },
  }) satisfies HttpRoute

// ingress-nginx keeps whole bodies, and refuses those over 1 MiB. The service has limits of its own, and takes
// NDJSON of any size as it comes.
const nginx = {
  'nginx.ingress.kubernetes.io/proxy-body-size': '0',
  'nginx.ingress.kubernetes.io/proxy-request-buffering': 'off',
}

const ingressOf = (host: string, ingressClassName: string) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      ...metadata(ingress),
      ...(ingressClassName.includes('nginx') ? { annotations: nginx } : {}),
    },
    spec: {
      ingressClassName,
      tls: [{ hosts: [host], secretName: certificate }],
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: service, port: { number: servicePort } } },
              },
            ],
          },
        },
      ],
    },
  }) satisfies Ingress

const policyOf = (name: string, spec: NetworkPolicySpec) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...metadata(name), annotations: explainFindings('othersPods') },
    spec,
  }) satisfies NetworkPolicy

/** The pod that answers an ACME challenge: cert-manager makes it in this namespace, in which deny-all holds. */
const challengeNetwork = policyOf('acme-challenge', {
  podSelector: { matchLabels: { 'acme.cert-manager.io/http01-solver': 'true' } },
  policyTypes: ['Ingress'],
  ingress: [{ ports: [{ protocol: 'TCP', port: 8089 }] }],
})

/** Some gateways run as pods in the namespace of the Gateway. They speak to their controller, wherever it is. */
const gatewayNetwork = policyOf(gateway, {
  podSelector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': gateway } },
  policyTypes: ['Ingress', 'Egress'],
  ingress: [{}],
  egress: [{}],
})

/** The objects between the host's name and the Service; none without a name. */
export function hostObjects({
  host,
  tlsIssuer,
  ingress,
  gatewayClass,
}: Settings): KubernetesObject[] {
  if (host === undefined) return []
  const way = ingress
    ? [ingressOf(host, ingress)]
    : [gatewayNetwork, gatewayOf(host, gatewayClass), redirectOf(host), routeOf(host)]
  const tls = tlsIssuer ? [challengeNetwork, certificateOf(host, tlsIssuer)] : []
  return [...tls, ...way]
}
