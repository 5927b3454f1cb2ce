// Rules with every time divided, so that what takes hours in life is seen in minutes: windows, `for`, and how far
// ahead the disk is foretold. Names of recording rules stay.

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };

export function scaled(rules, divisor) {
  const shorter = (number, unit) => `${Math.round(number * SECONDS[unit] * 1000 / divisor)}ms`;
  return rules.replaceAll(/\[(\d+)([smhd])\]/g, (_, number, unit) => `[${shorter(number, unit)}]`)
    .replaceAll(/^( *for: )(\d+)([smhd])$/gm, (_, before, number, unit) => before + shorter(number, unit))
    .replaceAll(/(\d+) \* 3600\b/g, (_, hours) => `${hours * 3600 / divisor}`);
}
