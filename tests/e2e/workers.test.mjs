// How many workers read a file shows nowhere in its results, and when a file is closed, cancelled or replaced, its
// workers end, and their memory with them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import {
  assertSameText, demoFile, dropFile, footpath, launch, openFile, openSite, save, waitForState, waitForWorkers,
} from './support.mjs';

/** Of 131 MB, so of 8 chunks. */
const EVENTS = 500_000;

/** Within so many milliseconds a cancelled analysis gives its memory back. */
const CANCEL_LIMIT = 200;

/** Milliseconds after the drop: before the first line is read, while lines are read, and while results are computed. */
const MOMENTS = [0, 40, 130, 310, 560, 790];

const jsonOf = (file) => footpath('analyze', file, '--format', 'json');

test('1, 2, 3 and 8 workers give the same JSON', { timeout: 180_000 }, async (t) => {
  const file = await demoFile(t, EVENTS, '--plant');
  const expected = jsonOf(file);
  for (const processors of [1, 2, 3, 8]) {
    const { page, problems } = await openSite(t, { processors });
    await openFile(page, file);
    await waitForWorkers(page, processors);
    assertSameText((await save(page, 'Download JSON')).bytes, expected, `${processors} workers`);
    assert.deepEqual(problems, []);
    await page.context().close();
  }
});

test('loading that is cancelled at any moment frees its workers and leaves nothing behind', {
  timeout: 180_000,
}, async (t) => {
  const file = await demoFile(t, EVENTS, '--plant');
  const expected = jsonOf(file);
  const { page, problems } = await openSite(t);
  const took = [];
  for (const wait of MOMENTS) {
    await dropFile(page, file);
    await page.waitForTimeout(wait);
    took.push(await cancel(page));
    await openFile(page, file);
    assertSameText((await save(page, 'Download JSON')).bytes, expected, 'after loading was cancelled');
  }
  t.diagnostic(`all workers had ended after ${took.join(', ')} ms`);
  // Other work on the machine can hold up any of them.
  const median = [...took].sort((a, b) => a - b)[took.length >> 1];
  assert.ok(median <= CANCEL_LIMIT, `workers ended only after ${took.join(', ')} ms`);
  assert.deepEqual(problems, []);
});

test('a file that takes the place of one that loads gives its own results', { timeout: 120_000 }, async (t) => {
  const [first, second] = [await demoFile(t, EVENTS), await demoFile(t, 200_000, '--seed', '2', '--plant')];
  const expected = jsonOf(second);
  const { page, problems } = await openSite(t, { processors: 3 });
  for (const wait of MOMENTS) {
    await dropFile(page, first);
    await page.waitForTimeout(wait);
    await openFile(page, second);
    assert.equal(await page.locator('.file b').textContent(), path.basename(second));
    assertSameText((await save(page, 'Download JSON')).bytes, expected, 'the second file');
    await waitForWorkers(page, 3);
  }
  assert.deepEqual(problems, []);
});

const skip = process.platform !== 'linux' && 'memory is read from /proc';
test('closing a file gives its memory back', { timeout: 120_000, skip }, async (t) => {
  const file = await demoFile(t, EVENTS, '--plant');
  const { page, problems } = await openSite(t, { processors: 2 });
  const closed = [];
  for (let round = 0; round < 3; round += 1) {
    await openFile(page, file);
    const open = await residentBytes();
    let wasm = 0;
    // One that only warmed up may end meanwhile.
    const bytes = (worker) => worker.evaluate(() => self.footpathMemory?.buffer.byteLength ?? 0).catch(() => 0);
    for (const worker of page.workers()) wasm += await bytes(worker);
    await page.getByRole('button', { name: 'Open another file' }).click();
    await waitForWorkers(page, 0);
    await page.waitForTimeout(500);
    closed.push(await residentBytes());
    t.diagnostic(`MB open ${mb(open)}, of workers ${mb(wasm)}, closed ${mb(closed.at(-1))}`);
    assert.ok(open - closed.at(-1) > wasm / 2, `${mb(open)} MB open, ${mb(closed.at(-1))} MB closed`);
  }
  assert.ok(closed.at(-1) < closed[0] + 50e6, `MB once closed: ${closed.map(mb).join(', ')}`);
  assert.deepEqual(problems, []);
});

/** Clicks Cancel, or closes a file that was read sooner; milliseconds from the click until the last worker has ended. */
async function cancel(page) {
  const button = page.getByRole('button', { name: /^(Cancel|Open another file)$/ });
  const clicked = await button.evaluate((button) => {
    const now = Date.now();
    button.click();
    return now;
  });
  while (page.workers().length > 0) {
    assert.ok(Date.now() - clicked < 5000, 'workers go on');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const took = Date.now() - clicked;
  await waitForState(page, 'idle');
  return took;
}

/** Memory that the browser's renderers hold, in bytes. */
async function residentBytes() {
  const session = await (await launch()).newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  return renderers.reduce((sum, { id }) => {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    return sum + 1024 * Number(/^RssAnon:\s+(\d+) kB/m.exec(status)[1]);
  }, 0);
}

function mb(bytes) {
  return Math.round(bytes / 1e6);
}
