// The restricted standard of pod security, rule by rule:
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted

const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const SYSCTLS = ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range'];
const PROFILES = ['RuntimeDefault', 'Localhost'];

// What a pod, { metadata, spec }, does that the standard forbids; an empty list where it keeps to it.
export function restrictedFaults({ metadata = {}, spec }) {
  const faults = [];
  const expect = (isGood, fault) => { if (!isGood) faults.push(fault); };
  const context = spec.securityContext ?? {};

  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) expect(!spec[key], key);
  expect(!context.windowsOptions?.hostProcess, 'hostProcess');
  for (const { name } of context.sysctls ?? []) expect(SYSCTLS.includes(name), `sysctl ${name}`);
  for (const volume of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== 'name');
    expect(kinds.every((kind) => VOLUMES.includes(kind)), `volume ${volume.name}: ${kinds}`);
  }
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    if (key.startsWith('container.apparmor')) expect(/^(runtime\/default|localhost\/.*)$/.test(value), key);
  }
  expect(context.runAsUser !== 0, 'runAsUser 0');

  for (const container of [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    const own = container.securityContext ?? {};
    const fault = (what) => `${container.name}: ${what}`;
    expect(!own.privileged, fault('privileged'));
    expect(own.allowPrivilegeEscalation === false, fault('allowPrivilegeEscalation'));
    expect((own.runAsNonRoot ?? context.runAsNonRoot) === true, fault('runAsNonRoot'));
    expect(own.runAsUser !== 0, fault('runAsUser 0'));
    expect(PROFILES.includes((own.seccompProfile ?? context.seccompProfile)?.type), fault('seccompProfile'));
    expect(own.capabilities?.drop?.includes('ALL'), fault('capabilities are not dropped'));
    expect((own.capabilities?.add ?? []).every((name) => name === 'NET_BIND_SERVICE'), fault('capabilities are added'));
    expect((own.procMount ?? 'Default') === 'Default', fault('procMount'));
    expect(!['system_u', 'unconfined_t'].includes(own.seLinuxOptions?.type), fault('seLinuxOptions'));
    for (const port of container.ports ?? []) expect(!port.hostPort, fault(`hostPort ${port.hostPort}`));
  }
  return faults;
}
