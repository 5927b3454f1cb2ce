// A number's last while, small and without axes; the number itself stands beside it.
import { baseLine, sparklineArea, sparklineEnd, sparklinePath } from '../state/sparkline.ts';

const BOX = { width: 120, height: 32 };

export const Sparkline = ({ values, label }: { values: (number | null)[]; label: string }) => (
  <svg class="sparkline" viewBox={`0 0 ${BOX.width} ${BOX.height}`} preserveAspectRatio="none" role="img" aria-label={label}>
    <path class="base" d={`M0,${baseLine(BOX)}H${BOX.width}`} />
    <path class="area" d={sparklineArea(values, BOX)} />
    <path class="line" d={sparklinePath(values, BOX)} />
    <path class="now" d={sparklineEnd(values, BOX)} />
  </svg>
);
