// The rules of the dashboard that need no browser. Each stands beside what it tests.
import './readme_test.mjs';
import './src/api/connect_test.ts';
import './src/api/services_test.ts';
import './src/state/durations_test.ts';
import './src/state/histogram_test.ts';
import './src/state/history_test.ts';
import './src/state/live_test.ts';
import './src/state/names_test.ts';
import './src/state/numbers_test.ts';
import './src/state/origins_test.ts';
import './src/state/probe_test.ts';
import './src/state/recent_test.ts';
import './src/state/routes_test.ts';
import './src/state/snippets_test.ts';
import './src/state/sparkline_test.ts';
import './src/state/times_test.ts';
import './src/state/usage_test.ts';
