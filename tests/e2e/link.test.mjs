// A file is opened by its address, and what goes wrong on the way is said in one sentence.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import {
  REFERENCE_FIGURES, assertUsable, demoFile, figures, figuresOf, needsReference, openSite, referenceFile, serveFiles,
  waitForProblem, waitForReady, waitForState,
} from './support.mjs';

const timeout = 20_000;
const query = (address) => `?data=${encodeURIComponent(address)}`;

test('the reference file opens by ?data= from another origin', needsReference({ timeout }), async (t) => {
  const [folder, name] = [path.dirname(referenceFile()), path.basename(referenceFile())];
  const files = await serveFiles(t, folder, { cors: true });
  const { page, problems } = await openSite(t, { query: query(files.url + name) });
  await waitForReady(page);
  assert.deepEqual(await figures(page), REFERENCE_FIGURES);
  assert.match(await page.locator('.bar').innerText(), /Fetched by link, analysed in this tab/);
  assert.deepEqual(problems, []);
});

test('a generated file opens by ?data=, and again when the page is loaded anew', { timeout }, async (t) => {
  const { file, url } = await serveDemo(t, { cors: true });
  const { page, problems } = await openSite(t, { query: query(url) });
  await waitForReady(page);
  assert.deepEqual(await figures(page), figuresOf(file));
  assert.equal(new URL(page.url()).searchParams.get('data'), url);
  await page.reload();
  await waitForReady(page);
  assert.deepEqual(await figures(page), figuresOf(file));
  assert.deepEqual(problems, []);
});

test('the form opens a link and puts it into the page’s address', { timeout }, async (t) => {
  const { file, url } = await serveDemo(t, { cors: true });
  const { page, problems, site } = await openSite(t);
  await openLink(page, url);
  await waitForReady(page);
  assert.deepEqual(await figures(page), figuresOf(file));
  assert.equal(page.url(), `${site.url}${query(url)}#findings`);
  await page.getByRole('button', { name: 'Open another file' }).click();
  await waitForState(page, 'idle');
  assert.equal(page.url(), site.url);
  assert.deepEqual(problems, []);
});

test('a server that does not allow other sites is told from one that is not there', { timeout }, async (t) => {
  const { url } = await serveDemo(t, { cors: false });
  const { page, problems } = await openSite(t, { query: query(url) });
  const problem = await waitForProblem(page);
  assert.equal(problem, `${new URL(url).host} answers, but does not allow other sites to read this file, or does not \
have it (no CORS permission). Check the address, or download the file and drop it here.`);
  await assertUsable(t, page);
  assertOnlyNetwork(problems);
});

test('a host that is not there cannot be reached', { timeout }, async (t) => {
  const { page, problems } = await openSite(t, { query: query(`${await closedOrigin()}/events.jsonl`) });
  const problem = await waitForProblem(page);
  assert.match(problem, /^127\.0\.0\.1:\d+ could not be reached\. Check the address and your connection\.$/);
  await assertUsable(t, page);
  assertOnlyNetwork(problems);
});

test('a file that is not there is not found', { timeout }, async (t) => {
  const { url } = await serveDemo(t, { cors: true });
  const { page, problems } = await openSite(t);
  await openLink(page, `${url}-gone`);
  assert.equal(await waitForProblem(page), `${new URL(url).host} answered 404 (not found). Check the address.`);
  await assertUsable(t, page);
  assertOnlyNetwork(problems);
});

test('a link that failed stays in the field, to be corrected', { timeout }, async (t) => {
  const { file, url } = await serveDemo(t, { cors: true });
  const { page } = await openSite(t);
  await openLink(page, `${url}-gone`);
  await waitForProblem(page);
  assert.equal(await page.getByLabel('Or open a link').inputValue(), `${url}-gone`);
  await openLink(page, url);
  await waitForReady(page);
  assert.deepEqual(await figures(page), figuresOf(file));
});

test('a download that breaks off is said to', { timeout }, async (t) => {
  const url = await serveAnswer(t, (response) => {
    response.setHeader('Content-Length', 1000);
    response.write('{"a":');
    setTimeout(() => response.destroy(), 200);
  });
  const { page, problems } = await openSite(t, { query: query(url) });
  const { host } = new URL(url);
  assert.equal(
    await waitForProblem(page),
    `The connection to ${host} broke off before the file was complete. Try again.`,
  );
  await assertUsable(t, page);
  assertOnlyNetwork(problems);
});

test('what is no web address is refused', { timeout }, async (t) => {
  const { page, problems } = await openSite(t, { query: query('javascript:window.ran=1') });
  assert.equal(
    await waitForProblem(page),
    '“javascript:window.ran=1” is no web address: it must begin with https:// or http://.',
  );
  assert.equal(await page.evaluate(() => window.ran), undefined);
  await assertUsable(t, page);
  assert.deepEqual(problems, []);
});

test('a download is cancelled, and its request ends', { timeout }, async (t) => {
  let ended;
  const closed = new Promise((resolve) => (ended = resolve));
  const url = await serveAnswer(t, (response) => {
    response.write('{"a":');
    response.on('close', ended);
  });
  const { page, problems } = await openSite(t, { query: query(url) });
  await waitForState(page, 'loading');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await waitForState(page, 'idle');
  await closed;
  assert.equal(await page.locator('.opening [role=alert]').innerText(), '');
  await assertUsable(t, page);
  assertOnlyNetwork(problems);
});

/** Generated events on an origin of their own. */
async function serveDemo(t, options) {
  const file = await demoFile(t, 300);
  const { url } = await serveFiles(t, path.dirname(file), options);
  return { file, url: url + path.basename(file) };
}

/** The address of a server that allows every site, and answers as `answer` does. */
async function serveAnswer(t, answer) {
  const server = createServer((_, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    answer(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${server.address().port}/events.jsonl`;
}

/** An origin on which nobody listens. */
async function closedOrigin() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function openLink(page, address) {
  await page.getByLabel('Or open a link').fill(address);
  await page.getByRole('button', { name: 'Open link' }).click();
  // From now on the page shows the state of this link and no earlier one.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
}

/** The browser itself logs a request that fails; nothing else may be wrong. */
function assertOnlyNetwork(problems) {
  assert.deepEqual(problems.filter((problem) => !/Failed to load resource|CORS policy/.test(problem)), []);
}
