// What NetworkPolicies allow, as a network plug-in that enforces them reads them. Of what this chart uses:
// selectors by matchLabels, ipBlock, named and numbered ports.
import net from 'node:net';

const labelsMatch = (selector, labels) => Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value);

function inBlock({ cidr, except = [] }, address) {
  const within = (range) => {
    const [base, bits] = range.split('/');
    const list = new net.BlockList();
    list.addSubnet(base, Number(bits), net.isIPv6(base) ? 'ipv6' : 'ipv4');
    return net.isIPv6(base) === net.isIPv6(address) && list.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4');
  };
  return within(cidr) && !except.some(within);
}

// `end` is { labels, namespace } of a pod (namespace: its labels), or { address }. Pods of the policies' own
// namespace have `home: true`.
function isPeer(peer, end) {
  if (peer.ipBlock) return Boolean(end.address) && inBlock(peer.ipBlock, end.address);
  if (end.address) return false;
  if (peer.namespaceSelector ? !labelsMatch(peer.namespaceSelector, end.namespace) : !end.home) return false;
  return !peer.podSelector || labelsMatch(peer.podSelector, end.labels);
}

function isPort({ port, endPort, protocol = 'TCP' }, wanted) {
  if (protocol !== (wanted.protocol ?? 'TCP')) return false;
  if (endPort) return port <= wanted.number && wanted.number <= endPort;
  return port === wanted.number || port === wanted.name;
}

const allows = (rule, side, other, port) =>
  (!rule[side]?.length || rule[side].some((peer) => isPeer(peer, other))) &&
  (!rule.ports?.length || rule.ports.some((wanted) => isPort(wanted, port)));

function direction(policies, end, other, port, type, list, side) {
  if (end.address || !end.home) return true;
  const own = policies.filter(({ spec }) => labelsMatch(spec.podSelector, end.labels) && spec.policyTypes.includes(type));
  return own.length === 0 || own.some(({ spec }) => (spec[list] ?? []).some((rule) => allows(rule, side, other, port)));
}

// Whether `from` may open a connection to `port` ({ name, number, protocol }) of `to`.
export function isAllowed(policies, from, to, port) {
  return direction(policies, from, to, port, 'Egress', 'egress', 'to') &&
    direction(policies, to, from, port, 'Ingress', 'ingress', 'from');
}
