// Findings of kube-score, kube-linter, Checkov and Polaris that are accepted, each with its reason.
// The reason goes where the tools look for it: into an annotation of the object.
interface Finding {
  reason: string
  kubeScore?: string
  kubeLinter?: string
  checkov?: readonly string[]
  polaris?: readonly string[]
}

const findings = {
  autoscaled: {
    reason: 'the autoscaler owns the number of pods; a number here would reset it at each apply',
    polaris: ['deploymentMissingReplicas'],
  },
  loadedImage: {
    reason: 'the image is loaded into the node; no registry could answer a pull',
    kubeScore: 'container-image-pull-policy',
    checkov: ['CKV_K8S_15'],
    polaris: ['pullPolicyNotAlways'],
  },
  tag: {
    reason: 'a tag that is never used twice; --image NAME@sha256:... gives a digest',
    checkov: ['CKV_K8S_43'],
  },
  release: {
    reason: 'the tag of one release, which its publisher does not move',
    kubeScore: 'container-image-pull-policy',
    checkov: ['CKV_K8S_15', 'CKV_K8S_43'],
    polaris: ['pullPolicyNotAlways'],
  },
  nodePort: {
    reason: 'minikube has no load balancer; the node port is the way in',
    kubeScore: 'service-type',
    kubeLinter: 'exposed-services',
  },
  loadBalancer: {
    reason: 'the way in; a cluster with an ingress can use ClusterIP instead',
    kubeLinter: 'exposed-services',
  },
  noCpuLimit: {
    reason: 'a throttled database holds its locks for longer and slows every client at once',
    kubeScore: 'container-resources',
    kubeLinter: 'unset-cpu-requirements',
    checkov: ['CKV_K8S_11'],
    polaris: ['cpuLimitsMissing'],
  },
  jobProbes: {
    reason: 'a job ends, and its exit code says how it is; nobody sends it requests',
    polaris: ['livenessProbeMissing', 'readinessProbeMissing'],
  },
  databaseUser: {
    reason: 'the user of the database, so that both folders of the node have one owner',
    kubeScore: 'container-security-context-user-group-id',
    checkov: ['CKV_K8S_40'],
  },
  imageUser: {
    reason: 'the user of the official image, who owns the folder of the volume',
    kubeScore: 'container-security-context-user-group-id',
    checkov: ['CKV_K8S_40'],
  },
  passwordFile: {
    reason: 'the variable holds the path of a file, not a password',
    polaris: ['sensitiveContainerEnvVar'],
  },
  noRank: {
    reason: 'nothing here may push out another application to make room',
    polaris: ['priorityClassNotSet'],
  },
  callsNobody: {
    reason: 'no egress rules: the database has nobody to call',
    polaris: ['missingNetworkPolicy'],
  },
  operatorsPods: {
    reason: 'the operator makes the pods, with the labels of the MongoDBCommunity object',
    kubeScore: 'networkpolicy-targets-pod',
    kubeLinter: 'dangling-networkpolicy',
  },
  othersPods: {
    reason: 'the gateway or cert-manager makes the pods, with labels of its own',
    kubeScore: 'networkpolicy-targets-pod',
    kubeLinter: 'dangling-networkpolicy',
  },
  singleMember: {
    reason: 'one member cannot be replaced while it runs; the cloud target has three',
    kubeLinter: 'minimum-three-replicas',
    polaris: ['missingPodDisruptionBudget', 'topologySpreadConstraint'],
  },
} satisfies Record<string, Finding>

/** The annotations that tell each analyser which of its findings are accepted here, and why. */
export function explainFindings(
  ...names: readonly (keyof typeof findings)[]
): Record<string, string> {
  const annotations: Record<string, string> = {}
  const kubeScore: string[] = []
  let checkov = 0
  for (const name of names) {
    const finding: Finding = findings[name]
    if (finding.kubeScore !== undefined) kubeScore.push(finding.kubeScore)
    if (finding.kubeLinter !== undefined) {
      annotations[`ignore-check.kube-linter.io/${finding.kubeLinter}`] = finding.reason
    }
    for (const check of finding.checkov ?? []) {
      checkov += 1
      annotations[`checkov.io/skip${checkov}`] = `${check}=${finding.reason}`
    }
    for (const check of finding.polaris ?? []) {
      annotations[`polaris.fairwinds.com/${check}-exempt`] = 'true'
    }
  }
  if (kubeScore.length > 0) annotations['kube-score/ignore'] = kubeScore.join(',')
  return annotations
}
