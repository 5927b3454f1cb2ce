// Random numbers from a seed, so that a run can be repeated (its moments, not the kernel's scheduling).
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  // From 0 up to, not including, 1 (mulberry32).
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  upTo(bound) {
    return this.next() * bound;
  }

  pick(list) {
    return list[Math.floor(this.upTo(list.length))];
  }

  shuffled(list) {
    const result = [...list];
    for (let i = result.length - 1; i > 0; i--) {
      const j = Math.floor(this.upTo(i + 1));
      [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
  }

  // One with a seed of its own.
  fork() {
    return new Random(Math.floor(this.upTo(2 ** 32)));
  }
}
