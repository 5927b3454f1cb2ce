// GetHistory as its callers meet it: what clients did at the edge is there, by the minute and by the hour, at once and
// after a restart (contract §5).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, connectClient } from '../support/connect.mjs';
import { post } from '../support/http.mjs';
import { scratchFolder, startAllInOne } from '../support/programs.mjs';
import { Socket, subPath } from '../support/socket.mjs';
import { until } from '../support/wait.mjs';

const name = (id) => `accounts/demo/products/demo/counters/${id}`;
const [MINUTE, HOUR] = [1, 2];

describe('the history of a counter', () => {
  const folder = scratchFolder();
  let server;
  let counters;
  let began;

  async function start() {
    server = await startAllInOne({ folder });
    const token = readFileSync(path.join(folder, 'data', 'admin-token'), 'utf8').trim();
    counters = connectClient(server.address.console, 'livecounter.v1.CounterService', { token });
  }
  before(async () => {
    began = Date.now();
    await start();
  });
  after(() => server?.kill());

  const points = async (id, resolution, more = {}) => (await counters.getHistory({ name: name(id), resolution, ...more })).points;
  const timeOf = ({ time }) => Number(time.seconds) * 1000;
  const instant = (ms) => ({ seconds: BigInt(Math.floor(ms / 1000)), nanos: 0 });

  async function assertTold() {
    for (const [resolution, ms] of [[MINUTE, 60_000], [HOUR, 3_600_000]]) {
      const told = await points('2', resolution);
      assert.ok(told.length >= 1 && told.length <= 2, `${told.length} points`); // two where a minute or hour has ended meanwhile
      for (const point of told) assert.equal(timeOf(point) % ms, 0, 'a point is a whole minute or hour');
      assert.ok(timeOf(told[0]) <= Date.now() && timeOf(told[0]) > began - ms);
      assert.equal(told.at(-1).hits, 3n);
      assert.equal(Math.max(...told.map(({ presentPeak }) => Number(presentPeak))), 2);
      for (const { presentMean, presentPeak } of told) assert.ok(presentMean >= 0 && presentMean <= Number(presentPeak));
    }
  }

  it('has its hits, and the most and the mean of people', async () => {
    const viewers = await Promise.all(['ann', 'bob'].map((pId) => new Socket(server.address.http, subPath({ urlId: '2', pId })).opened()));
    await viewers[0].untilValue(2);
    for (let i = 0; i < 3; i++) assert.equal((await post(server.address.http, '/counters/2/')).status, 200);
    await Promise.all(viewers.map((viewer) => viewer.close()));
    await until(async () => (await counters.getCounter({ name: name('2') })).present === 0n, 5000);
    await assertTold();
  });

  it('is there after a restart', async () => {
    assert.equal(await server.stop(), 0);
    await start();
    await assertTold();
  });

  it('can be asked for a part of', async () => {
    const hour = 3_600_000;
    assert.deepEqual(await points('2', MINUTE, { endTime: instant(began - hour) }), []);
    assert.deepEqual(await points('2', MINUTE, { startTime: instant(Date.now() + hour), endTime: instant(Date.now() + 2 * hour) }), []);
    assert.ok((await points('2', MINUTE, { startTime: instant(began - hour), endTime: instant(Date.now() + hour) })).length > 0);
  });

  it('says what is wrong with a question', async () => {
    const { Code } = connect;
    const failsWith = (code) => (error) => connect.ConnectError.from(error).code === code;
    await assert.rejects(points('nothing', MINUTE), failsWith(Code.NotFound));
    await assert.rejects(points('2', 9), failsWith(Code.InvalidArgument));
    await assert.rejects(points('2', MINUTE, { startTime: instant(began), endTime: instant(began - 60_000) }), failsWith(Code.InvalidArgument));
  });
});
