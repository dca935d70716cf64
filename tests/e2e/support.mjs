// What the browser tests share: a browser, the built site under a sub-path, servers for files, files to open, and
// what a visitor does on the page.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launchChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/server.mjs';

// The npm packages live beside the scripts, where plain imports from here do not look.
const require = createRequire(new URL('../../scripts/package.json', import.meta.url));

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
/** The site has to work from any path, so the tests serve it from below one. */
export const BASE = '/deep/sub/';

/** Serves the built site; closed when the test ends. */
export async function serveSite(t) {
  assert.ok(existsSync(path.join(DIST, 'index.html')), 'dist/ holds no site: run scripts/build first');
  return serveFiles(t, DIST, { base: BASE });
}

/** Serves a folder from an origin of its own, without CORS headers unless `cors`; closed when the test ends. */
export async function serveFiles(t, root, { base = '/', cors = false } = {}) {
  const server = await serve({ root, base, cors });
  t.after(server.close);
  return server;
}

let browser;
after(() => browser?.close());

/** The system's Chromium, one per test file. */
export async function launch() {
  browser ??= await launchChromium();
  return browser;
}

/** A new page in a profile of its own, and the list of what goes wrong in it. Closed when the test ends. */
export async function newPage(t, contextOptions = {}) {
  const context = await (await launch()).newContext(contextOptions);
  t.after(() => context.close());
  const page = await context.newPage();
  return { page, problems: collectProblems(page) };
}

/**
 * Opens the built site, with `query` behind its address if given, and waits for the app to start. With `processors`
 * the page takes the machine to have so many, which is how many workers it uses.
 */
export async function openSite(t, { query = '', contextOptions, processors } = {}) {
  const site = await serveSite(t);
  const { page, problems } = await newPage(t, contextOptions);
  if (processors) {
    await page.addInitScript((processors) => {
      Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => processors });
    }, processors);
  }
  await page.goto(site.url + query);
  await page.waitForSelector('.app', { state: 'attached' });
  return { page, problems, site };
}

/** Collects, from now on, the errors a page logs or throws. */
export function collectProblems(page) {
  const problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => problems.push(`page: ${error.stack ?? error}`));
  return problems;
}

/** The source text of axe-core, for `page.evaluate`. */
export function axeSource() {
  return require('axe-core').source;
}

/** The command line program, run to its end; what it wrote. */
export function footpath(...args) {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
  const program = process.env.FOOTPATH_BIN ?? path.join(target, 'release/footpath');
  assert.ok(existsSync(program), `there is no ${program}: run scripts/test cli first, or set FOOTPATH_BIN`);
  return execFileSync(program, args, { maxBuffer: 1 << 28 });
}

/** The command line's JSON about a file, as an object. */
export function analyse(file, ...options) {
  return JSON.parse(footpath('analyze', file, '--format', 'json', ...options));
}

const REFERENCE = process.env.FOOTPATH_REFERENCE_FILE ?? path.join(ROOT, '../shared/data/tandem/sessions.json');

/** Options of a test that needs the reference file: skipped where there is none, but not under CI. */
export function needsReference(options = {}) {
  const missing = !existsSync(REFERENCE) && process.env.CI !== 'true';
  return { ...options, skip: missing && 'there is no reference file: set FOOTPATH_REFERENCE_FILE' };
}

/** The reference file's path. */
export function referenceFile() {
  assert.ok(existsSync(REFERENCE), `there is no reference file ${REFERENCE}: set FOOTPATH_REFERENCE_FILE`);
  return REFERENCE;
}

/** What the reference file holds. */
export const REFERENCE_FIGURES = {
  events: '244', sessions: '30', users: '11', converted: '12', rejected: '0', salvaged: '1',
};

/** A folder that is removed when the test ends. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(path.join(tmpdir(), 'footpath-e2e-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file in a folder of its own that is removed when the test ends. */
export async function temporaryFile(t, name, content) {
  const file = path.join(await temporaryFolder(t), name);
  await writeFile(file, content);
  return file;
}

/** A file of generated events. */
export async function demoFile(t, events, ...options) {
  const file = path.join(await temporaryFolder(t), `demo-${events}.jsonl`);
  footpath('demo', '--events', String(events), '--output', file, ...options);
  return file;
}

/** One line of an events file. `event` replaces fields; what is undefined is left out. */
export function line(event = {}) {
  return JSON.stringify({
    uuid: crypto.randomUUID(), user_id: 'u1', session_id: 's1', path: '/', css: 'a', text: 'Home', value: '',
    event_time: '2025-01-01 09:00:00', ...event,
  });
}

/** Drops a file from the disk on the page, as a visitor would: a real file, and a bubbling drop event. */
export async function dropFile(page, file) {
  const input = await page.evaluateHandle(() => document.createElement('input'));
  await input.evaluate((input) => Object.assign(input, { type: 'file' }));
  await input.asElement().setInputFiles(file);
  await input.evaluate(async (input) => {
    const transfer = new DataTransfer();
    transfer.items.add(input.files[0]);
    const fire = (name) => {
      const event = new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.querySelector('.app').dispatchEvent(event);
      return event.defaultPrevented;
    };
    // Without these the browser would leave the page and open the file.
    if (!fire('dragover') || !fire('drop')) throw new Error('the page does not take the drop');
    // From now on the page shows the state of this file and no earlier one.
    await new Promise((resolve) => setTimeout(resolve));
  });
}

/** Waits until the page is in one of the states. Fails at once, with what the page says, if it ends in another. */
export async function waitForState(page, ...states) {
  const ends = [...states, 'ready', 'error'];
  const state = await (
    await page.waitForFunction((ends) => {
      // There is none yet while the page is loaded.
      const state = document.querySelector('.app')?.dataset.state;
      return ends.includes(state) && state;
    }, ends)
  ).jsonValue();
  assert.ok(states.includes(state), `${state} instead of ${states}: ${await page.locator('main').innerText()}`);
}

/** Waits until the page has so many workers: the end of one is told a little later. */
export async function waitForWorkers(page, count) {
  for (let tries = 0; tries < 50 && page.workers().length !== count; tries += 1) await page.waitForTimeout(100);
  assert.equal(page.workers().length, count, 'workers');
}

/** Drops a file and waits for its results. */
export async function openFile(page, file) {
  await dropFile(page, file);
  await waitForReady(page);
}

/** Waits for results. */
export const waitForReady = (page) => waitForState(page, 'ready');

/** Waits for a problem, and returns the sentence about it. */
export async function waitForProblem(page) {
  await waitForState(page, 'error');
  return page.locator('[role=alert] .problem').innerText();
}

/** The headline figures of the app's page or of a report, by name. */
export async function figures(page) {
  const all = page.locator('[data-metric]');
  const names = await all.evaluateAll((all) => all.map((one) => one.dataset.metric));
  const values = await all.allTextContents();
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

/** What the figures have to be, from the command line's JSON. */
export function figuresOf(file) {
  const { totals, goal } = analyse(file);
  const figures = { ...totals, converted: goal.converted };
  const names = Object.keys(REFERENCE_FIGURES);
  return Object.fromEntries(names.map((name) => [name, figures[name].toLocaleString('en')]));
}

/** Clicks a button that saves a file; the file's name, path and bytes. */
export async function save(page, button) {
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const download = await waiting;
  const file = await download.path();
  return { name: download.suggestedFilename(), file, bytes: await readFile(file) };
}

/** Drops a small good file and waits for its results: proof that the page still works. */
export async function assertUsable(t, page) {
  const file = await temporaryFile(t, 'good.jsonl', `${line()}\n${line({ path: '/two' })}\n`);
  await openFile(page, file);
  await page.getByRole('link', { name: 'Findings' }).click();
  assert.equal((await figures(page)).events, '2');
}

/** Says where two files part, instead of printing both. */
export function assertSameText(actual, expected, what) {
  if (actual.equals(expected)) return;
  const limit = Math.min(actual.length, expected.length);
  let at = 0;
  while (at < limit && actual[at] === expected[at]) at += 1;
  const near = (bytes) => bytes.subarray(Math.max(0, at - 60), at + 100).toString();
  assert.fail(`${what}: ${actual.length} and ${expected.length} bytes, different from byte ${at} on:
tab:          …${near(actual)}…
command line: …${near(expected)}…`);
}
