// Where the gateways are.

// Of client.js or client.mjs, which come from a gateway.
let scriptUrl = '';

export function setScriptUrl(url: string): void {
  scriptUrl = url;
}

// `https://host` of each. A host is host[:port], with the security of the script, or has a scheme of its own.
export function originsOf(hosts: readonly string[] = [scriptUrl]): string[] {
  const scheme = scriptUrl.startsWith('http:') ? 'http://' : 'https://';
  return hosts.map((host) => new URL(host.includes('//') ? host : scheme + host).origin.replace(/^ws/, 'http'));
}
