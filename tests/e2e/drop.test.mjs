// A file that is dropped or chosen is analysed, and its results can be looked into.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import {
  REFERENCE_FIGURES, demoFile, dropFile, figures, figuresOf, footpath, needsReference, openFile, openSite, referenceFile,
  temporaryFile, waitForProblem, waitForReady, waitForWorkers,
} from './support.mjs';
import { barAt, clickChart, sessionIds, show, tableRows, waitForFit, waitForView } from './screen.mjs';

const timeout = 20_000;

test('the reference file, dropped, gives its known figures', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  assert.deepEqual(await figures(page), REFERENCE_FIGURES);
  assert.equal((await page.locator('.rate .figure').textContent()).replace('\u00a0', ' '), '40 %');
  assert.deepEqual(await funnelSessions(page), [30, 26, 24, 22, 22, 12]);
  assert.match(await page.locator('.bar').innerText(), /sessions\.json.*Nothing was uploaded/s);
  assert.deepEqual(problems, []);
});

test('the reference file, chosen with the file dialog, gives the same', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Drop an events file here' }).click();
  await (await dialog).setFiles(referenceFile());
  await waitForReady(page);
  assert.deepEqual(await figures(page), REFERENCE_FIGURES);
  assert.deepEqual(problems, []);
});

test('a generated file, dropped, gives the figures of the command line', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 300);
  await openFile(page, file);
  assert.deepEqual(await figures(page), figuresOf(file));
  const { funnel } = JSON.parse(footpath('analyze', file, '--format', 'json'));
  assert.deepEqual(await funnelSessions(page), funnel.steps.map((step) => step.sessions));
  assert.equal(await page.locator('.file b').textContent(), path.basename(file));
  assert.deepEqual(problems, []);
});

test('several files, chosen together, are one data set', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const files = [await demoFile(t, 300), await demoFile(t, 200, '--seed', '2')];
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Drop an events file here' }).click();
  await (await dialog).setFiles(files);
  await waitForReady(page);
  assert.equal((await figures(page)).events, '500');
  const names = files.map((file) => path.basename(file)).sort();
  assert.equal(await page.locator('.file b').textContent(), names.join(' and '));
  assert.deepEqual(problems, []);
});

test('a damaged file among several is left out and named', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const good = await demoFile(t, 300);
  const packed = gzipSync(await readFile(await demoFile(t, 200, '--seed', '2')));
  const damaged = await temporaryFile(t, 'late.jsonl.gz', packed.subarray(0, -9));
  await page.setInputFiles('input[type=file]', [damaged, good]);
  await waitForReady(page);
  assert.equal((await figures(page)).events, '300');
  const said = page.locator('article.finding', { hasText: 'left out' });
  await said.getByText('late.jsonl.gz').waitFor();
  // Alone it is refused.
  await dropFile(page, damaged);
  assert.match(await waitForProblem(page), /gzip/i);
  assert.deepEqual(problems, []);
});

test('a finding’s sessions open, and a session shows its events', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 300);
  await openFile(page, file);
  const { findings } = JSON.parse(footpath('analyze', file, '--format', 'json'));
  const [finding] = findings;

  const article = page.locator('article.finding').first();
  assert.equal(await article.locator('h3').textContent(), finding.title);
  const opens = article.getByRole('button', { name: `${finding.session_count} sessions` });
  assert.equal(await opens.getAttribute('aria-expanded'), 'false');
  await opens.click();
  assert.equal(await opens.getAttribute('aria-expanded'), 'true');
  // The first ones; a button shows the others that are named.
  const all = article.getByRole('button', { name: /^Show all/ });
  if (await all.count()) await all.click();
  const chips = article.locator('.chips button');
  assert.deepEqual(await chips.evaluateAll((chips) => chips.map((chip) => chip.title)), finding.sessions);
  await chips.first().filter({ hasText: /^\d\d:\d\d · \d+\sevents? · / }).waitFor();

  const session = chips.first();
  await session.click();
  const board = article.locator('.board');
  await board.waitFor();
  assert.equal(await session.getAttribute('aria-pressed'), 'true');
  const events = await board.locator('ol > li').count();
  assert.ok(events > 0);
  const title = await board.locator('.note').first().textContent();
  assert.match(title, new RegExp(`^Session ${finding.sessions[0].slice(0, 8)}: ${events} events? in .+, user ${finding.users[0].slice(0, 8)}, (reached|did not reach) the goal\\.`));
  assert.match(await board.locator('ol > li').first().innerText(), /^\d\d:\d\d:\d\d.* on \/.*Line \d+$/s);

  // Another session takes its place.
  await chips.nth(1).click();
  await board.locator('.note', { hasText: finding.users[1].slice(0, 8) }).waitFor();
  assert.equal(await article.locator('.board').count(), 1);
  assert.deepEqual(problems, []);
});

test('the funnel is drawn, and a click on what was lost at a step opens those sessions', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 300);
  await openFile(page, file);
  const { steps } = JSON.parse(footpath('analyze', file, '--format', 'json')).funnel;
  const last = steps.at(-1);
  // In the middle of the part that stands for the lost sessions of the last step, the lowest bar.
  await clickChart(page, 'funnel-chart', await barAt(page, 'funnel-chart', [last.sessions + last.lost / 2, 0]));
  await page.locator('.in-force', { hasText: `came to the step before “${last.name}”, but not to it` }).waitFor();
  await waitForFit(page, last.lost);
  assert.deepEqual((await sessionIds(page)).sort(), last.lost_sessions.toSorted());
  assert.deepEqual(problems, []);
});

test('the number lost at a step, in the table, opens those sessions', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 300);
  await openFile(page, file);
  const { steps } = JSON.parse(footpath('analyze', file, '--format', 'json')).funnel;
  for (const [index, step] of steps.entries()) {
    const cell = page.locator('tbody tr', { hasText: step.name }).first().locator('td').nth(2);
    const number = cell.getByRole('link');
    assert.equal(await number.count(), step.lost > 0 ? 1 : 0, step.name);
    if (step.lost === 0) continue;
    assert.ok(index > 0);
    assert.equal(await number.getAttribute('aria-label'), `${step.lost} did not get to ${step.name}, show the sessions`);
    await number.click();
    await page.locator('.in-force', { hasText: `“${step.name}”` }).waitFor();
    await waitForFit(page, step.lost);
    assert.deepEqual((await sessionIds(page)).sort(), step.lost_sessions.toSorted());
    await page.goBack();
    await cell.waitFor();
  }
  assert.deepEqual(problems, []);
});

test('another file takes the place of the one that is open', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  const next = await demoFile(t, 500);
  await openFile(page, next);
  assert.equal(await page.locator('.file b').textContent(), path.basename(next));
  assert.deepEqual(await figures(page), figuresOf(next));
  assert.equal(await page.locator('#funnel-chart').count(), 1);
  await waitForWorkers(page, 1);
  assert.deepEqual(problems, []);
});

test('another file does not begin at a session or filter of the one before', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await page.getByRole('navigation').getByRole('link', { name: 'Sessions' }).click();
  await page.locator('.session-table .id a').first().click();
  await page.locator('.board').waitFor();
  await openFile(page, await demoFile(t, 300, '--seed', '2'));
  await page.waitForTimeout(300);
  assert.equal(await page.getByText('This session is not in').count(), 0);
});

test('the mark leads to the findings, and a button to another file', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Data');
  await page.getByRole('link', { name: 'Footpath' }).click();
  await waitForView(page, 'Findings');
  await page.getByRole('button', { name: 'Open another file' }).click();
  await page.locator('.app[data-state=idle] .drop').waitFor();
  await waitForWorkers(page, 0);
  assert.deepEqual(problems, []);
});

/** The sessions of each step, from the table under the chart. */
async function funnelSessions(page) {
  const rows = await tableRows(page, 'The steps in order');
  return rows.map((cells) => Number(cells[1].replaceAll(',', '')));
}
