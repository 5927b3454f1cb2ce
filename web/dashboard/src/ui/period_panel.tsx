// A panel about a time that is chosen in it: a month of UTC, or from one day of UTC to another.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { addMonths, DAY_MS, dayOf, formatDays, formatMonth, monthOf, type Day, type Month } from '../state/times.ts';
import { daysPeriod, daysProblem, monthPeriod, type Period } from '../state/usage.ts';
import { Field, Panel, Segments, Stepper } from './elements.tsx';

export interface Shown {
  period: Period;
  title: string;
  file: string; // what a file of it is called by
  isMonth: boolean;
}

const shownMonth = (month: Month): Shown => ({ period: monthPeriod(month), title: formatMonth(month), file: month, isMonth: true });

const shownDays = (first: Day, last: Day): Shown =>
  ({ period: daysPeriod(first, last), title: formatDays(first, last), file: `${first}-to-${last}`, isMonth: false });

const WEEK_MS = 7 * DAY_MS;

interface PeriodPanelProps {
  title: string;
  description: string;
  children: (shown: Shown) => ComponentChildren;
}

export function PeriodPanel({ title, description, children }: PeriodPanelProps) {
  const [isMonth, setIsMonth] = useState(true);
  const [month, setMonth] = useState(monthOf(Date.now()));
  const [first, setFirst] = useState(dayOf(Date.now() - WEEK_MS + DAY_MS));
  const [last, setLast] = useState(dayOf(Date.now()));
  const problem = isMonth ? undefined : daysProblem(first, last);
  return (
    <Panel title={title} description={description}
      actions={<Segments label="Which days" value={isMonth ? 'month' : 'days'} onChange={(kind) => setIsMonth(kind === 'month')} options={[['month', 'A month'], ['days', 'Other days']]} />}>
      {isMonth
        ? <Stepper unit="month" hasAfter={month < monthOf(Date.now())} onStep={(count) => setMonth(addMonths(month, count))}>{formatMonth(month)}</Stepper>
        : (
          <div class="days">
            <Field label="From" type="date" value={first} onInput={setFirst} problem={problem} />
            <Field label="To" type="date" value={last} onInput={setLast} hint="Up to the end of this day of UTC." />
          </div>
        )}
      {problem === undefined && children(isMonth ? shownMonth(month) : shownDays(first, last))}
    </Panel>
  );
}
