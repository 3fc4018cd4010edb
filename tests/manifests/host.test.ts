// --host: one way in, with TLS, and every object names what another one is called.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, list, text } from '../../deploy/cluster/kubectl.ts'
import type { Settings } from '../../manifests/options.ts'
import { objectsOf } from '../support/manifests/objects.ts'

const host = 'api.example.com'
const ofHost = (settings: Partial<Settings> = {}) => {
  const objects: unknown[] = objectsOf('cloud', { host, ...settings })
  return (kind: string, name?: string) =>
    objects.filter(
      (object) =>
        text(object, 'kind') === kind &&
        (name === undefined || text(object, 'metadata', 'name') === name),
    )
}
const service = (find: ReturnType<typeof ofHost>) => {
  const [found] = find('Service', 'app-service')
  return {
    type: text(found, 'spec', 'type'),
    ports: list(found, 'spec', 'ports').map((port) => at(port, 'port')),
  }
}

test('without a name the load balancer is the way in, with one nothing leads around the TLS', () => {
  assert.equal(service(ofHost({ host: undefined })).type, 'LoadBalancer')
  assert.equal(service(ofHost()).type, 'ClusterIP')
  assert.equal(service(ofHost({ ingress: 'nginx' })).type, 'ClusterIP')
})

test('the route leads from the listener with TLS to the Service, the other listener to the first', () => {
  const find = ofHost({ tlsIssuer: 'letsencrypt', gatewayClass: 'cilium' })
  const [gateway] = find('Gateway')
  assert.equal(text(gateway, 'spec', 'gatewayClassName'), 'cilium')
  const listeners = new Map(
    list(gateway, 'spec', 'listeners').map((listener) => [text(listener, 'name'), listener]),
  )
  assert.deepEqual([...listeners.keys()], ['http', 'https'])
  for (const route of find('HTTPRoute')) {
    const [parent] = list(route, 'spec', 'parentRefs')
    assert.equal(text(parent, 'name'), text(gateway, 'metadata', 'name'))
    const listener = listeners.get(text(parent, 'sectionName'))
    assert.equal(text(listener, 'hostname'), host)
    assert.deepEqual(list(route, 'spec', 'hostnames'), [host])
    const [backend] = list(route, 'spec', 'rules', 0, 'backendRefs')
    const scheme = text(route, ...['spec', 'rules', 0, 'filters', 0, 'requestRedirect', 'scheme'])
    if (at(listener, 'tls') === undefined) assert.equal(scheme, 'https')
    else {
      assert.equal(text(backend, 'name'), 'app-service')
      assert.ok(service(find).ports.includes(at(backend, 'port')))
    }
  }
})

for (const ingress of [undefined, 'nginx']) {
  test(`the certificate for the name is where ${ingress ?? 'the gateway'} looks for it`, () => {
    const find = ofHost({ tlsIssuer: 'letsencrypt', ingress })
    const [certificate] = find('Certificate')
    assert.deepEqual(list(certificate, 'spec', 'dnsNames'), [host])
    const secret = text(certificate, 'spec', 'secretName')
    const [looked] = ingress
      ? list(find('Ingress')[0], 'spec', 'tls').map((tls) => text(tls, 'secretName'))
      : list(find('Gateway')[0], 'spec', 'listeners', 1, 'tls', 'certificateRefs').map((ref) =>
          text(ref, 'name'),
        )
    assert.equal(looked, secret)
  })
}

test('an issuer is one of the cluster, or of the namespace if it says so', () => {
  const issuer = (tlsIssuer: string) =>
    at(ofHost({ tlsIssuer })('Certificate')[0], 'spec', 'issuerRef')
  const group = 'cert-manager.io'
  assert.deepEqual(issuer('own'), { group, kind: 'ClusterIssuer', name: 'own' })
  assert.deepEqual(issuer('Issuer/own'), { group, kind: 'Issuer', name: 'own' })
  assert.deepEqual(ofHost()('Certificate'), [])
})

test('the pod of an ACME challenge is reached, although deny-all stands in its namespace', () => {
  assert.equal(ofHost({ tlsIssuer: 'letsencrypt' })('NetworkPolicy', 'acme-challenge').length, 1)
  assert.equal(ofHost()('NetworkPolicy', 'acme-challenge').length, 0)
})

test('nginx keeps no body and refuses none: the service does that', () => {
  const annotations = (ingress: string) =>
    at(ofHost({ ingress })('Ingress')[0], 'metadata', 'annotations')
  assert.deepEqual(annotations('nginx'), {
    'nginx.ingress.kubernetes.io/proxy-body-size': '0',
    'nginx.ingress.kubernetes.io/proxy-request-buffering': 'off',
  })
  assert.equal(annotations('traefik'), undefined)
})
