// The rules of pod_security.mjs find what they are for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restrictedFaults } from './pod_security.mjs';

const pod = () => ({
  metadata: {},
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'a', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
    volumes: [{ name: 'v', emptyDir: {} }],
  },
});

describe('the restricted standard', () => {
  it('is kept by a pod that keeps to it', () => assert.deepEqual(restrictedFaults(pod()), []));

  const breaches = {
    hostNetwork: ({ spec }) => { spec.hostNetwork = true; },
    'sysctl kernel.msgmax': ({ spec }) => { spec.securityContext.sysctls = [{ name: 'kernel.msgmax', value: '1' }]; },
    'volume v: hostPath': ({ spec }) => { spec.volumes[0] = { name: 'v', hostPath: { path: '/' } }; },
    'runAsUser 0': ({ spec }) => { spec.securityContext.runAsUser = 0; },
    'a: privileged': ({ spec }) => { spec.containers[0].securityContext.privileged = true; },
    'a: allowPrivilegeEscalation': ({ spec }) => { delete spec.containers[0].securityContext.allowPrivilegeEscalation; },
    'a: runAsNonRoot': ({ spec }) => { delete spec.securityContext.runAsNonRoot; },
    'a: seccompProfile': ({ spec }) => { spec.securityContext.seccompProfile.type = 'Unconfined'; },
    'a: capabilities are not dropped': ({ spec }) => { spec.containers[0].securityContext.capabilities.drop = ['NET_RAW']; },
    'a: capabilities are added': ({ spec }) => { spec.containers[0].securityContext.capabilities.add = ['SYS_ADMIN']; },
    'a: hostPort 80': ({ spec }) => { spec.containers[0].ports = [{ containerPort: 8080, hostPort: 80 }]; },
    'a: procMount': ({ spec }) => { spec.containers[0].securityContext.procMount = 'Unmasked'; },
    'b: capabilities are not dropped': ({ spec }) => {
      spec.initContainers = [{ name: 'b', securityContext: { allowPrivilegeEscalation: false } }];
    },
  };
  for (const [fault, breach] of Object.entries(breaches)) {
    it(`is broken by ${fault}`, () => {
      const bad = pod();
      breach(bad);
      assert.deepEqual(restrictedFaults(bad), [fault]);
    });
  }
});
