// Files of columns: the page loads the program that reads them when one comes, and not before.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { dropFile, footpath, openFile, openSite, save, temporaryFile, waitForProblem } from './support.mjs';

const timeout = 60_000;
const SHOP = fileURLToPath(new URL('../fixtures/shop.parquet', import.meta.url));

test('a Parquet file is read in the page as on the command line', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const loaded = [];
  page.on('request', (request) => loaded.push(path.basename(request.url())));
  const lines = '{"user_id":1,"session_id":"s","event_time":"2025-02-06 09:00:00","path":"/"}\n';
  await openFile(page, await temporaryFile(t, 'lines.jsonl', lines));
  assert.deepEqual(loaded.filter((name) => name.startsWith('columns')), []);
  await page.getByRole('button', { name: 'Open another file' }).click();
  await openFile(page, SHOP);
  assert.equal(loaded.filter((name) => name.startsWith('columns')).length, 2);
  assert.equal(await page.locator('[data-metric=events]').textContent(), '19');
  assert.equal(await page.locator('[data-metric=sessions]').textContent(), '6');
  const json = (await save(page, 'Download JSON')).bytes;
  assert.equal(json.toString(), footpath('analyze', SHOP, '--format', 'json').toString());
  assert.deepEqual(problems, []);
});

test('a packed Parquet file is unpacked first', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await temporaryFile(t, 'shop.parquet.gz', gzipSync(await readFile(SHOP))));
  assert.equal(await page.locator('[data-metric=events]').textContent(), '19');
  assert.deepEqual(problems, []);
});

test('a Parquet file that ends too early is told in one sentence', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const whole = await readFile(SHOP);
  await dropFile(page, await temporaryFile(t, 'cut.parquet', whole.subarray(0, whole.length / 2)));
  assert.match(await waitForProblem(page), /The Parquet file is damaged or ends too early\. Download or copy it again\./);
  assert.deepEqual(problems, []);
});
