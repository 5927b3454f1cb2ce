// Whoever imports this has timers that stand still until mock.timers.tick().
import { afterEach, beforeEach, mock } from 'node:test';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
afterEach(() => mock.timers.reset());
