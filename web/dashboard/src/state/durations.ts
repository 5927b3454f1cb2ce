// Durations: "1.500s" on the wire, "1.5 s" or "100 ms" for people.

const UNITS: [RegExp, number][] = [
  [/^(\d+(?:\.\d+)?)\s*ms$/, 1],
  [/^(\d+(?:\.\d+)?)\s*s?$/, 1000],
  [/^(\d+(?:\.\d+)?)\s*(?:m|min)$/, 60_000],
];

// Milliseconds of a duration on the wire; 0 where there is none.
export const millisOf = (duration: string | undefined): number =>
  duration ? Math.round(Number.parseFloat(duration) * 1e6) / 1000 : 0;

// On the wire. Precondition: whole milliseconds.
export const toDuration = (millis: number): string => `${(millis / 1000).toFixed(3)}s`;

export function formatMillis(millis: number): string {
  if (millis < 1000) return `${Number(millis.toPrecision(3))} ms`;
  return `${Number((millis / 1000).toPrecision(3))} s`;
}

// Whole milliseconds of what a person typed: "250ms", "1.5 s", "2m", a bare number for seconds.
export function parseMillis(text: string): number | undefined {
  for (const [form, factor] of UNITS) {
    const match = form.exec(text.trim().toLowerCase());
    if (match) return Math.round(Number(match[1]) * factor);
  }
  return undefined;
}
