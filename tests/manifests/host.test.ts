// --host: one way in, with TLS, and every object names what another one is called.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listAt, textAt, valueAt } from '../../deploy/cluster/kubectl.ts'
import type { Settings } from '../../manifests/options.ts'
import { objectsOf } from '../support/manifests/objects.ts'

const host = 'api.example.com'
const ofHost = (settings: Partial<Settings> = {}) => {
  const objects: unknown[] = objectsOf('cloud', { host, ...settings })
  return (kind: string, name?: string) =>
    objects.filter(
      (object) =>
        textAt(object, 'kind') === kind &&
        (name === undefined || textAt(object, 'metadata', 'name') === name),
    )
}
const service = (find: ReturnType<typeof ofHost>) => {
  const [found] = find('Service', 'app-service')
  return {
    type: textAt(found, 'spec', 'type'),
    ports: listAt(found, 'spec', 'ports').map((port) => valueAt(port, 'port')),
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
  assert.equal(textAt(gateway, 'spec', 'gatewayClassName'), 'cilium')
  const listeners = new Map(
    listAt(gateway, 'spec', 'listeners').map((listener) => [textAt(listener, 'name'), listener]),
  )
  assert.deepEqual([...listeners.keys()], ['http', 'https'])
  for (const route of find('HTTPRoute')) {
    const [parent] = listAt(route, 'spec', 'parentRefs')
    assert.equal(textAt(parent, 'name'), textAt(gateway, 'metadata', 'name'))
    const listener = listeners.get(textAt(parent, 'sectionName'))
    assert.equal(textAt(listener, 'hostname'), host)
    assert.deepEqual(listAt(route, 'spec', 'hostnames'), [host])
    const [backend] = listAt(route, 'spec', 'rules', 0, 'backendRefs')
    const scheme = textAt(route, ...['spec', 'rules', 0, 'filters', 0, 'requestRedirect', 'scheme'])
    if (valueAt(listener, 'tls') === undefined) assert.equal(scheme, 'https')
    else {
      assert.equal(textAt(backend, 'name'), 'app-service')
      assert.ok(service(find).ports.includes(valueAt(backend, 'port')))
    }
  }
})

for (const ingress of [undefined, 'nginx']) {
  test(`the certificate for the name is where ${ingress ?? 'the gateway'} looks for it`, () => {
    const find = ofHost({ tlsIssuer: 'letsencrypt', ingress })
    const [certificate] = find('Certificate')
    assert.deepEqual(listAt(certificate, 'spec', 'dnsNames'), [host])
    const secret = textAt(certificate, 'spec', 'secretName')
    const [looked] = ingress
      ? listAt(find('Ingress')[0], 'spec', 'tls').map((tls) => textAt(tls, 'secretName'))
      : listAt(find('Gateway')[0], 'spec', 'listeners', 1, 'tls', 'certificateRefs').map((ref) =>
          textAt(ref, 'name'),
        )
    assert.equal(looked, secret)
  })
}

test('an issuer is one of the cluster, or of the namespace if it says so', () => {
  const issuer = (tlsIssuer: string) =>
    valueAt(ofHost({ tlsIssuer })('Certificate')[0], 'spec', 'issuerRef')
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
    valueAt(ofHost({ ingress })('Ingress')[0], 'metadata', 'annotations')
  assert.deepEqual(annotations('nginx'), {
    'nginx.ingress.kubernetes.io/proxy-body-size': '0',
    'nginx.ingress.kubernetes.io/proxy-request-buffering': 'off',
  })
  assert.equal(annotations('traefik'), undefined)
})
