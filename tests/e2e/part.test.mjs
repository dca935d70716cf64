// A tab whose memory does not suffice for the whole file says so, keeps what it has read, and offers a sample.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  analyse, assertSameText, demoFile, dropFile, figures, footpath, openFile, openSite, save, waitForReady,
} from './support.mjs';

const timeout = 120_000;
/** Of 210 MB, which take about 80 MB of memory. */
const EVENTS = 800_000;

/** Opens the site on a machine with so many GiB of memory. */
async function openSmall(t, gibibytes) {
  const opened = await openSite(t);
  const { page } = opened;
  await page.addInitScript((gibibytes) => {
    Object.defineProperty(Navigator.prototype, 'deviceMemory', { get: () => gibibytes });
  }, gibibytes);
  await page.reload();
  await page.waitForSelector('.app[data-state=idle]');
  return opened;
}

test('reading stops before memory ends, and a sample of the whole is offered', { timeout }, async (t) => {
  const file = await demoFile(t, EVENTS, '--plant');
  const { page, problems } = await openSmall(t, 0.125);
  await openFile(page, file);
  const part = page.getByRole('complementary', { name: 'Part of the file' });
  assert.match(await part.innerText(), /^Only the first \d+\s% of demo-800000\.jsonl were read: the memory/);
  const read = Number((await figures(page)).events.replaceAll(',', ''));
  t.diagnostic(`${read} events read`);
  assert.ok(read > 0.1 * EVENTS && read < 0.9 * EVENTS, `${read} events`);
  assert.match(await page.locator('dl.figures').innerText(), /sessions in what was read/);
  const json = JSON.parse((await save(page, 'Download JSON')).bytes);
  assert.ok(json.source.unread_bytes > 0 && json.source.unread_bytes < json.source.bytes);
  assert.equal(json.source.blake3, analyse(file).source.blake3);
  // Every view says so.
  for (const view of ['Flows', 'Funnel', 'Anomalies', 'Sessions', 'Data', 'Settings', 'Method']) {
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view }).click();
    assert.ok(await part.isVisible(), view);
  }
  // The sample that is offered fits.
  await part.getByRole('button', { name: /^Read \d+\s% of the sessions of the whole file$/ }).click();
  await page.waitForSelector('.app[data-state=loading]');
  await waitForReady(page);
  assert.match(await part.innerText(), /^This is a sample of \d+\s% of the sessions/);
  const sampled = JSON.parse((await save(page, 'Download JSON')).bytes);
  assert.equal(sampled.source.unread_bytes, undefined);
  assert.ok(sampled.totals.outside_sample > 0);
  assert.ok(page.url().includes('sample'), page.url());
  assert.deepEqual(problems, []);
});

test('a sample is the same in the tab and on the command line', { timeout }, async (t) => {
  const file = await demoFile(t, 20_000, '--plant');
  const { page, problems } = await openSite(t, { query: `#findings?settings=${encodeURIComponent('{"sample":0.25}')}` });
  await dropFile(page, file);
  await waitForReady(page);
  const expected = footpath('analyze', file, '--format', 'json', '--sample', '0.25');
  assertSameText((await save(page, 'Download JSON')).bytes, expected, 'sample');
  await page.getByRole('button', { name: 'Read all sessions' }).click();
  await page.waitForFunction(() => document.querySelector('[data-metric=events]')?.textContent.startsWith('19,9'));
  assert.deepEqual(problems, []);
});
