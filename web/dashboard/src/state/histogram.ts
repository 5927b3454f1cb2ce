// The edges of a histogram whose bars are equally wide but span more and more: where which of them is named. Pure.

export interface EdgeLabel {
  at: number; // percent of the width, from the left
  edge: number; // what the bars to the left are up to; 0 at the left end
}

// Both ends, and so many edges between them, evenly spaced, that there are at most `gaps` gaps. `upTo` are the bars'
// upper edges, in order.
export function edgeLabels(upTo: number[], gaps: number): EdgeLabel[] {
  const step = Math.ceil(upTo.length / gaps);
  const labels: EdgeLabel[] = [];
  for (let bar = upTo.length; bar > 0 && bar >= step; bar -= step) labels.unshift({ at: (100 * bar) / upTo.length, edge: upTo[bar - 1] ?? 0 });
  return labels.length > 0 ? [{ at: 0, edge: 0 }, ...labels] : [];
}
