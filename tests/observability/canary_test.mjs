// The canary (contract §7): a counter that counterd moves each second, by which every gateway knows how old its
// numbers are; and that it is nobody's.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Code } from '../support/grpc.mjs';
import { get } from '../support/http.mjs';
import { Scrape } from '../support/metrics.mjs';
import { until } from '../support/wait.mjs';
import { AllPrograms } from './all_programs.mjs';

describe('the canary', () => {
  let all;
  before(async () => { all = await AllPrograms.start(); });
  after(() => all?.kill());

  const age = async (program) => (await Scrape.of(program.address.metrics)).value('livecounter_gateway_canary_age_seconds');

  it('is fresh, grows old when the counter service stands still, and is fresh again; readiness does not mind', { timeout: 30_000 }, async () => {
    for (const program of [all.gateway, all.standalone]) await until(async () => await age(program) < 1.5, 5000, `${program.name} is fresh`);
    all.counterd.pause();
    await until(async () => await age(all.gateway) > 3, 6000, 'it grows');
    assert.equal((await get(all.gateway.address.metrics, '/readyz')).status, 200);
    all.counterd.resume();
    await until(async () => await age(all.gateway) < 1.5, 6000, 'fresh again');
    await all.counterd.kill();
    await until(async () => await age(all.gateway) > 2.5, 6000, 'it grows again');
    await all.cluster.startCounterd();
    await until(async () => await age(all.gateway) < 1.5, 6000, 'and is fresh after a restart');
  });

  it('is nothing that anybody could see or pay for', async () => {
    const name = 'accounts/-/products/-/counters/canary';
    const counters = await all.service('CounterService');
    for (const [method, body] of [['GetCounter', { name }], ['ListCounters', { parent: 'accounts/-/products/-' }], ['GetHistory', { name }],
      ['IncrementCounter', { name, by: 1, request_id: 'a' }]]) {
      await assert.rejects(counters.call(method, body), (error) => [Code.NOT_FOUND, Code.INVALID_ARGUMENT].includes(error.code), method);
    }
    const admin = await all.service('AdminService');
    assert.deepEqual((await admin.call('ListAccounts', {})).accounts.map((account) => account.name), ['accounts/demo']);
    assert.deepEqual((await admin.call('GetUsage', { name: 'accounts/demo' })).points, []);
    await assert.rejects(admin.call('CreateAccount', { account_id: '-', account: {} }), { code: Code.INVALID_ARGUMENT });
    const scrape = await Scrape.of(all.counterd.address.metrics);
    assert.equal(scrape.value('livecounter_counterd_present'), 0);
    assert.equal(scrape.value('livecounter_counterd_hits_total'), 0);
    const list = await counters.call('ListCounters', { parent: 'accounts/demo/products/demo', page_size: 1000 });
    assert.equal(list.counters.length, 9);
  });
});
