// The saved report stands alone, and nothing from a file runs, neither on the page nor in the report.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import {
  REFERENCE_FIGURES, demoFile, figures, figuresOf, footpath, line, needsReference, newPage, openFile, openSite,
  referenceFile, save, temporaryFile, temporaryFolder,
} from './support.mjs';
import { VIEWS, show } from './screen.mjs';

const timeout = 30_000;

test('the report of the reference file reads the same offline', needsReference({ timeout }), async (t) => {
  await assertStandsAlone(t, referenceFile(), REFERENCE_FIGURES);
});

test('the report of a generated file reads the same offline', { timeout }, async (t) => {
  const file = await demoFile(t, 300);
  await assertStandsAlone(t, file, figuresOf(file));
});

/** Text that does harm where it is not escaped. Each part sets a flag on the window if it runs. */
const HOSTILE = [
  '<img src=x onerror="window.hostileRan = 1">',
  '</script><script>window.hostileRan = 2</script>',
  '"><svg onload="window.hostileRan = 3">',
  '\'><iframe srcdoc="<script>parent.hostileRan = 4</script>">',
  '</style></title></textarea><b id=hostile>',
  '{{constructor.constructor("window.hostileRan = 5")()}}${window.hostileRan = 6}',
  '{b}{a|x}<a href="javascript:window.hostileRan = 7">\u202egnp.\u2066',
];

test('nothing from a hostile file runs on the page or in the report', { timeout: 40_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const file = await temporaryFile(t, '"><img src=x onerror=hostileRan=8>.jsonl', hostileEvents());
  const { page, problems } = await openSite(t);
  await openFile(page, file);
  assert.deepEqual(await figures(page), figuresOf(file));

  // Everything that shows text from the file: all views with their lists, tables and charts, a session of each.
  let shown = '';
  for (const view of VIEWS) {
    await show(page, view);
    for (const chip of await page.locator('.sessions > .chip').all()) await chip.click();
    for (const list of await page.locator('.chips.list').all()) await list.locator('button').first().click();
    for (const details of await page.locator('summary').all()) await details.click();
    if (view === 'Findings') {
      await page.locator('.board').first().waitFor();
      const chart = page.locator('#funnel-chart');
      await chart.locator('canvas').waitFor();
      await chart.hover();
      await page.waitForFunction(() => [...document.querySelectorAll('#funnel-chart > div')].some((div) => div.innerText));
    }
    await page.waitForTimeout(300);
    shown += plain(await page.locator('main').innerText());
    await assertHarmless(page, view);
  }
  await show(page, 'Sessions');
  for (const text of HOSTILE.slice(0, 3)) {
    await page.locator('.session-table').getByRole('link', { name: text }).first().click();
    await page.locator('.board > ol > li').first().waitFor();
    shown += plain(await page.locator('main').innerText());
    await assertHarmless(page, 'an open session');
    await page.goBack();
    await page.locator('.session-table tbody tr').first().waitFor();
  }
  for (const text of HOSTILE) assert.ok(shown.includes(plain(text)), `the page shows ${text}`);
  assert.deepEqual(problems, []);

  const saved = await save(page, 'Save report');
  const source = saved.bytes.toString();
  for (const text of HOSTILE) assert.ok(!/[<"]/.test(text) || !source.includes(text), `unescaped: ${text}`);
  assert.doesNotMatch(source, /<(iframe|img|object|embed|form|link|base)\b/i);
  assert.equal(source.match(/<script/gi).length, 2, 'the report’s own script, and what it is about');
  const report = await openReport(t, saved, folder);
  const reported = plain(await report.page.locator('body').innerText());
  for (const text of HOSTILE) assert.ok(reported.includes(plain(text)), `the report shows ${text}`);
  assert.deepEqual(await figures(report.page), figuresOf(file));
  await report.page.waitForTimeout(300);
  await assertHarmless(report.page, 'the report');
  assert.deepEqual(report.problems, []);
  assert.deepEqual(report.requests, []);
});

test('an element’s name that runs from right to left does not turn the words behind it', { timeout }, async (t) => {
  const lines = [];
  for (let session = 0; session < 20; session += 1) {
    const step = (second, event) =>
      lines.push(line({ session_id: `s${session}`, event_time: `2025-01-01 09:${session + 10}:0${second}`, ...event }));
    step(0, { css: '.pay', text: 'Pay \u202ewon' });
    if (session % 2) step(1, { path: '/checkout', css: '.order', text: 'Place Order' });
  }
  const { page } = await openSite(t);
  await openFile(page, await temporaryFile(t, 'override.jsonl', lines.join('\n')));
  await assertLeftToRight(page, 'the page');
  const report = await openReport(t, await save(page, 'Save report'), await temporaryFolder(t));
  await assertLeftToRight(report.page, 'the report');
});

test('ids and file names that run from right to left do not turn the words around them', { timeout }, async (t) => {
  const lines = [];
  for (let session = 0; session < 12; session += 1) {
    const ids = { session_id: `s${session}\u202eabc`, user_id: `u${session}\u2067abc` };
    lines.push(line({ ...ids, event_time: `2025-01-01 09:${session + 10}:00` }));
    lines.push(line({ ...ids, event_time: `2025-01-01 09:${session + 10}:05`, path: '/checkout', text: 'Payment error' }));
  }
  const { page } = await openSite(t);
  await openFile(page, await temporaryFile(t, 'over\u202eride.jsonl', lines.join('\n')));
  for (const view of VIEWS) {
    await show(page, view);
    assert.deepEqual(await turned(page), [], view);
  }
  await show(page, 'Sessions');
  await page.locator('.session-table tbody .id a').first().click();
  await page.locator('.board > ol > li').first().waitFor();
  assert.match(await page.locator('.ids').innerText(), /s0\ufffdabc/);
  assert.deepEqual(await turned(page), [], 'a session');
  const report = await openReport(t, await save(page, 'Save report'), await temporaryFolder(t));
  assert.match(await report.page.locator('body').innerText(), /over\ufffdride\.jsonl/);
  assert.deepEqual(await turned(report.page), [], 'the report');
});

/** The texts of a page, its title too, that hold a control of the direction of writing. */
function turned(page) {
  return page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [document.title];
    while (texts.nextNode()) {
      if (!texts.currentNode.parentElement.closest('script, style')) found.push(texts.currentNode.data);
    }
    return found.filter((text) => /[\u202a-\u202e\u2066-\u2069]/.test(text));
  });
}

/** The report of a planted demo file, opened from the disk. */
async function openDemoReport(t) {
  const bytes = footpath('analyze', await demoFile(t, 5_000, '--plant'), '--format', 'html');
  return openReport(t, { bytes }, await temporaryFolder(t));
}

test('the tables of a report are sorted by the keyboard alone', { timeout }, async (t) => {
  const { page, problems } = await openDemoReport(t);
  const table = page.locator('table', { has: page.locator('caption', { hasText: 'Pages by sessions' }) });
  const column = (at) =>
    table.locator('tbody tr').evaluateAll((rows, at) => rows.map((row) => row.cells[at].textContent), at);
  const numbers = async (at) => (await column(at)).map((text) => Number(text.replaceAll(',', '')));
  for (const [key, order, sign] of [['Enter', 'descending', -1], ['Space', 'ascending', 1]]) {
    await table.getByRole('button', { name: 'Events' }).press(key);
    const events = await numbers(2);
    assert.deepEqual(events, [...events].sort((a, b) => sign * (a - b)));
    assert.equal(await table.getByRole('columnheader', { name: 'Events' }).getAttribute('aria-sort'), order);
  }
  await table.getByRole('button', { name: 'Page' }).press('Enter');
  const pages = await column(0);
  assert.deepEqual(pages, [...pages].sort(new Intl.Collator(undefined, { numeric: true }).compare));
  assert.equal(await table.locator('[aria-sort]').count(), 1);
  assert.deepEqual(problems, []);
});

test('a link in a report opens the session it leads to, with scripts and without', { timeout }, async (t) => {
  const bytes = footpath('analyze', await demoFile(t, 5_000, '--plant'), '--format', 'html');
  for (const javaScriptEnabled of [true, false]) {
    const { page, problems } = await openReport(t, { bytes }, await temporaryFolder(t), { javaScriptEnabled });
    const link = page.locator('article.finding .cases a').first();
    const session = await link.textContent();
    assert.equal(await page.locator('.board:visible').count(), 0);
    await link.press('Enter');
    const board = page.locator('.board:visible');
    await board.waitFor();
    // Its heading shortens the id; the whole stands inside.
    const opened = await page.locator('details.session', { has: board }).innerText();
    assert.ok(opened.startsWith(session.slice(0, 8)) && opened.includes(session), opened.slice(0, 300));
    assert.equal(await page.locator('th button').count() > 0, javaScriptEnabled);
    assert.deepEqual(problems, []);
  }
});

test('nothing runs in a report but its own script', { timeout }, async (t) => {
  const { page, problems } = await openDemoReport(t);
  assert.deepEqual(problems, [], 'what the report is about is no violation of its policy');
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[\w+/=]{44}'; style-src 'unsafe-inline'; /);
  assert.match(policy, /; base-uri 'none'; form-action 'none'$/);
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.hostileRan = 1';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<button onclick="window.hostileRan = 2" id="hostile">x</button>');
    document.getElementById('hostile').click();
  });
  assert.equal(await page.evaluate(() => window.hostileRan), undefined);
  assert.ok(problems.length >= 2, 'the browser says that it refused');
});

/** The words of the sentence that adds the sessions up stand in their order. */
async function assertLeftToRight(page, where) {
  const sentence = page.locator('p.note', { hasText: 'never got to' }).first();
  const [got, to] = await sentence.evaluate((element) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (!texts.nextNode().data.includes('got to'));
    const node = texts.currentNode;
    const at = node.data.indexOf('got to');
    return [0, 'got '.length].map((offset) => {
      const range = document.createRange();
      range.setStart(node, at + offset);
      range.setEnd(node, at + offset + 1);
      const { left, top } = range.getBoundingClientRect();
      return { left, top };
    });
  });
  assert.ok(got.top < to.top || got.left < to.left, `“got to” reads “ot tog” in ${where}`);
}

/** Text without the marks of its direction, which may be left out, and without the layout of its spaces. */
function plain(text) {
  return text.replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/g, '').replaceAll(/\s+/g, ' ');
}

/** Sessions that reach the goal and others that meet an error, hostile in every field. */
function hostileEvents() {
  const lines = [];
  for (let session = 0; session < 40; session += 1) {
    const text = HOSTILE[session % HOSTILE.length];
    const who = { user_id: `u${session}${text}`, session_id: `s${session}${text}` };
    const step = (second, event) => {
      lines.push(line({ ...who, value: text, event_time: `2025-01-01 09:${session + 10}:0${second}`, ...event }));
    };
    step(0, { path: `/${text}`, css: text, text });
    // The same for all, so that they become steps of the funnel.
    step(1, { path: `/${HOSTILE[0]}`, css: HOSTILE[1], text: HOSTILE[0] });
    step(2, { path: `/products/${HOSTILE[2]}`, css: HOSTILE[2], text: HOSTILE[6] });
    if (session % 4 === 0) step(3, { path: `/${HOSTILE[3]}`, css: '.error-message', text: `Payment declined ${text}` });
    else if (session % 4 < 3) step(3, { path: '/checkout', css: HOSTILE[4], text: 'Place Order' });
    // A record that is repaired, and one that is rejected.
    if (session === 1) step(4, { event_time: null, text: `${text}\\",",2025-01-01 09:11:04"` });
    if (session === 2) lines.push(text);
  }
  return lines.join('\n');
}

async function assertHarmless(page, where) {
  const found = await page.evaluate(() => ({
    ran: window.hostileRan,
    elements: document.querySelectorAll('img, iframe, #hostile, a[href^="javascript:" i], main script').length,
    handlers: [...document.querySelectorAll('*')].flatMap((element) =>
      [...element.attributes].filter((attribute) => attribute.name.startsWith('on')).map(() => element.outerHTML)),
  }));
  assert.deepEqual(found, { ran: undefined, elements: 0, handlers: [] }, where);
}

/** Saves the report of a file and opens it from the disk, with scripts and without. */
async function assertStandsAlone(t, file, expected) {
  const { page, problems } = await openSite(t);
  await openFile(page, file);
  const title = await page.locator('h1').textContent();
  const findings = await page.locator('article.finding h3').allTextContents();
  const saved = await save(page, 'Save report');
  assert.deepEqual(problems, []);
  const folder = await temporaryFolder(t);
  for (const javaScriptEnabled of [true, false]) {
    const report = await openReport(t, saved, folder, { javaScriptEnabled });
    assert.equal(await report.page.title(), `${path.basename(file)} · Footpath`);
    assert.deepEqual(await figures(report.page), expected);
    assert.equal(await report.page.locator('h1').textContent(), title);
    assert.deepEqual(await report.page.locator('article.finding h3').allTextContents(), findings);
    assert.ok((await report.page.locator('svg').count()) >= 2, 'the scale and the bars are drawn');
    assert.deepEqual(report.problems, []);
    assert.deepEqual(report.requests, [], 'the report fetches nothing');
  }
}

/** Opens a saved report from the disk, without a network; what it tries to fetch is collected. */
async function openReport(t, saved, folder, contextOptions = {}) {
  const file = path.join(folder, 'report.html');
  await writeFile(file, saved.bytes);
  const { page, problems } = await newPage(t, { offline: true, ...contextOptions });
  const requests = [];
  const address = pathToFileURL(file).href;
  page.on('request', (request) => request.url() !== address && requests.push(request.url()));
  await page.goto(address);
  return { page, problems, requests };
}
