// Allowed origins, as people type them: one a line.

const FORM = /^https?:\/\/(\*\.)?[a-z0-9.\-[\]:]+$/;

export const splitOrigins = (text: string): string[] =>
  [...new Set(text.split(/[\s,]+/).filter(Boolean).map((origin) => origin.toLowerCase().replace(/\/$/, '')))];

// What is wrong with the first bad one; the server decides, this only says it sooner.
export function originsProblem(origins: string[]): string | undefined {
  const bad = origins.find((origin) => origin !== '*' && !FORM.test(origin));
  if (bad === undefined) return undefined;
  return `“${bad}” is no origin. Write https://shop.example, https://*.shop.example or *.`;
}

// Whether pages of `origin` may use a product that allows `allowed`.
export function isAllowed(allowed: string[], origin: string): boolean {
  return allowed.some((entry) => {
    if (entry === '*' || entry === origin) return true;
    const [scheme, host] = entry.split('://*.');
    if (host === undefined || !origin.startsWith(`${scheme}://`)) return false;
    const label = origin.slice(`${scheme}://`.length, -(host.length + 1));
    return origin.endsWith(`.${host}`) && label !== '' && !label.includes('.');
  });
}
