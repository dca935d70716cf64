// A large link comes in several requests at once, and whatever the host makes of that, the file is the same.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import {
  assertSameText, demoFile, footpath, openSite, save, temporaryFile, waitForReady, waitForState,
} from './support.mjs';

/** Of 41 MB, so of 10 pieces. */
const EVENTS = 150_000;
/** Four pieces, and what the browser and the system hold ready. */
const ON_ITS_WAY = 24e6;
const timeout = 90_000;
const LAST_MODIFIED = 'Tue, 04 Mar 2025 09:00:00 GMT';

/** The bytes of a part, and how its answer begins. */
const partial = (file, { start, end }) => ({ status: 206, body: file.subarray(start, end + 1) });

const HOSTS = {
  'a host that knows ranges': { part: partial, inParts: true },
  'a host that does not know ranges': { part: (file) => ({ status: 200, body: file }) },
  'a host that gives another version in parts': {
    part: (file, range) => ({ ...partial(file, range), modified: 'Wed, 05 Mar 2025 09:00:00 GMT' }),
  },
  'a host that gives too little': {
    part: (file, { start, end }) => partial(file, { start, end: Math.min(end, start + 1000) }),
  },
  'a host that breaks parts off': { part: () => undefined },
  'a host that gives some parts only': {
    part: (file, range, count) => (count < 2 ? partial(file, range) : { status: 503, body: Buffer.from('later') }),
  },
  // Without compressing anything, so that it is large enough. A range is one of the bytes as they are.
  'a host that compresses the whole': { part: partial, inParts: true, encoding: 'gzip' },
};

for (const [what, host] of Object.entries(HOSTS)) {
  test(what, { timeout }, async (t) => {
    const { file, url, requests } = await serveLarge(t, host);
    const { page, problems } = await openSite(t, { query: `?data=${encodeURIComponent(url)}` });
    await waitForReady(page);
    // Under the name that the link has.
    const copy = await temporaryFile(t, 'events.jsonl', file);
    assertSameText((await save(page, 'Download JSON')).bytes, footpath('analyze', copy, '--format', 'json'), what);
    const parts = requests.filter((request) => request.range);
    t.diagnostic(`${parts.length} parts, ${requests.length} requests`);
    assert.equal(requests.length - parts.length, 1, 'requests for the whole');
    if (host.inParts) {
      assert.ok(parts.length >= 2, `${parts.length} parts`);
      const asked = parts.map(({ range }) => range);
      assert.equal(new Set(asked).size, asked.length, 'nothing is asked for twice');
      const all = requests.reduce((sum, { sent }) => sum + sent, 0);
      // What was on its way when the two ends met was for nothing.
      assert.ok(all < file.length + ON_ITS_WAY, `${all} bytes were sent of a file of ${file.length}`);
    }
    assert.deepEqual(problems.filter((problem) => !/Failed to load resource|CORS policy/.test(problem)), []);
  });
}

test('a small file comes in one request', { timeout }, async (t) => {
  const { url, requests } = await serveLarge(t, { part: partial, events: 1_000 });
  const { page } = await openSite(t, { query: `?data=${encodeURIComponent(url)}` });
  await waitForReady(page);
  assert.deepEqual(requests.map(({ range }) => range), [undefined]);
});

test('cancelling ends all requests', { timeout }, async (t) => {
  const { url, requests } = await serveLarge(t, { part: partial, hold: true });
  const { page } = await openSite(t, { query: `?data=${encodeURIComponent(url)}` });
  await waitForState(page, 'loading');
  while (requests.filter(({ range }) => range).length < 3) await page.waitForTimeout(20);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await waitForState(page, 'idle');
  await Promise.all(requests.map(({ closed }) => closed));
});

/** A host for a generated file; `requests` are those that it has got. */
async function serveLarge(t, { part, encoding, hold, events = EVENTS }) {
  const file = await readFile(await demoFile(t, events));
  const whole = encoding === 'gzip' ? gzipSync(file, { level: 0 }) : file;
  const requests = [];
  const server = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*');
    if (request.method === 'OPTIONS') return response.end();
    const { range } = request.headers;
    const seen = { range, sent: 0, closed: new Promise((resolve) => response.on('close', resolve)) };
    const count = requests.filter((request) => request.range).length;
    requests.push(seen);
    const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const answer = range
      ? part(file, { start: Number(start), end: end ? Number(end) : file.length - 1 }, count)
      : { status: 200, body: whole };
    if (!answer) return response.destroy();
    if (!range && encoding) response.setHeader('Content-Encoding', encoding);
    response.setHeader('Last-Modified', answer.modified ?? LAST_MODIFIED);
    response.setHeader('Content-Length', answer.body.length);
    response.writeHead(answer.status);
    send(response, answer.body, seen, hold);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { file, requests, url: `http://127.0.0.1:${server.address().port}/events.jsonl` };
}

/** Sends a body as a slow host does, a megabyte every few milliseconds, so that requests go on side by side. */
function send(response, body, seen, hold) {
  const next = () => {
    if (response.destroyed) return;
    const piece = body.subarray(seen.sent, seen.sent + (1 << 20));
    seen.sent += piece.length;
    if (seen.sent >= body.length) return response.end(piece);
    response.write(piece, () => !hold && setTimeout(next, 15));
  };
  next();
}
