// What kubectl says when the cluster refuses a file, and the field or the object to change.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { commandsFor } from '../../deploy/cluster/report.ts'
import { refusalOf } from '../../deploy/cluster/trouble.ts'
import { namesCluster } from '../support/deploy/recorded-cluster.ts'

const commands = commandsFor('data')
const requests = 'spec.template.spec.containers[0].resources.requests'

describe('a file that is refused', () => {
  for (const [name, words, what, remedy] of [
    [
      'for a limit below its request names the field',
      `The Deployment "app-deployment" is invalid: ${requests}: Invalid value: "128Mi": must be less than or equal to memory limit of 100Mi`,
      /refused build\/app\.yaml because of spec\.template\.spec\.containers\[0\]\.resources\.requests$/,
      /^mend spec\.template\S+requests in manifests\/, then .* up --profile data$/,
    ],
    [
      'for another selector can only be recreated',
      'The Deployment "app-deployment" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable',
      /because of spec\.selector$/,
      /^this can only be recreated: .* delete deployment\/app-deployment, then .* up .*documents stay$/,
    ],
    [
      'for another size of the volume leaves pod and claim',
      "The StatefulSet \"mongodb\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals' are forbidden",
      /because of spec$/,
      /delete statefulset\/mongodb --cascade=orphan, then/,
    ],
    [
      'for an annotation that is not a text names the field',
      'error: unable to decode "build/app.yaml": json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.annotations of type string',
      /because of ObjectMeta\.metadata\.annotations$/,
      /^mend ObjectMeta\.metadata\.annotations in manifests\//,
    ],
    [
      'for an annotation with a bad name names the field',
      'The Deployment "app-deployment" is invalid: metadata.annotations: Invalid value: "a b": name part must consist of alphanumeric characters',
      /because of metadata\.annotations$/,
      /^mend metadata\.annotations/,
    ],
    [
      'for a secret of another type is not deleted: it has the password',
      'The Secret "mongo-secret" is invalid: type: Invalid value: "Opaque": field is immutable',
      /refused build\/app\.yaml$/,
      /^mend what it names/,
    ],
    [
      'for a reason that has passed can be sent again',
      '',
      /refused build\/app\.yaml$/,
      /--dry-run=server -f build\/app\.yaml$/,
    ],
  ] as const) {
    test(name, () => {
      const diagnosis = refusalOf('build/app.yaml', words, commands)
      assert.match(diagnosis.what, what)
      assert.match(diagnosis.remedy, remedy)
      if (words !== '') assert.equal(diagnosis.words, words)
      namesCluster(diagnosis.remedy, 'data')
    })
  }
})
