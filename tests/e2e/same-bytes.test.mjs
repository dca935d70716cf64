// What the tab saves is, byte for byte, what the command line writes for the same file.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';

import {
  assertSameText, demoFile, footpath, needsReference, openFile, openSite, referenceFile, save, waitForWorkers,
} from './support.mjs';

test('the reference file gives the same JSON and report', needsReference({ timeout: 20_000 }), async (t) => {
  await assertSame(t, referenceFile(), 1);
});

// Of 52 MB, so that the file is read in several chunks and by several workers, where there are processors for them.
test('a file of 200,000 events gives the same JSON and report', { timeout: 60_000 }, async (t) => {
  await assertSame(t, await demoFile(t, 200_000, '--plant'), 4);
});

// Sessions whose events partly name no user: they go to another worker once everything is read.
test('a file in which users are missing gives the same JSON and report', { timeout: 60_000 }, async (t) => {
  const whole = await demoFile(t, 100_000, '--plant');
  const file = path.join(path.dirname(whole), 'nameless.jsonl');
  const lines = (await readFile(whole, 'utf8')).split('\n');
  await writeFile(file, lines.map((line, at) => (at % 3 ? line.replace(/"user_id": "[^"]*"/, '"user_id": ""') : line)).join('\n'));
  await assertSame(t, file, 2);
  const { findings } = JSON.parse(footpath('analyze', file, '--format', 'json'));
  assert.ok(findings.some(({ title }) => title.includes('have no user; their sessions name one')));
});

// Compressed files are unpacked in both.
for (const [ending, compress] of [['gz', zlib.gzipSync], ['zst', zlib.zstdCompressSync]]) {
  const skip = !compress && 'this Node.js cannot write it';
  test(`a file compressed as .${ending} gives the same JSON and report`, { timeout: 60_000, skip }, async (t) => {
    const plain = await demoFile(t, 20_000, '--plant');
    const packed = path.join(path.dirname(plain), `demo-20000.jsonl.${ending}`);
    await writeFile(packed, compress(await readFile(plain)));
    await assertSame(t, packed, 1);
    const [a, b] = [plain, packed].map((file) => JSON.parse(footpath('analyze', file, '--format', 'json')));
    assert.deepEqual(a, b);
  });
}

async function assertSame(t, file, chunks) {
  const { page, problems } = await openSite(t);
  await openFile(page, file);
  const processors = await page.evaluate(() => navigator.hardwareConcurrency);
  await waitForWorkers(page, Math.min(processors, chunks));
  const stem = path.parse(file.replace(/\.(gz|zst)$/, '')).name;
  for (const [button, format] of [['Download JSON', 'json'], ['Save report', 'html']]) {
    const saved = await save(page, button);
    assert.equal(saved.name, `${stem}-footpath.${format}`);
    assertSameText(saved.bytes, footpath('analyze', file, '--format', format), format);
  }
  assert.deepEqual(problems, []);
}
