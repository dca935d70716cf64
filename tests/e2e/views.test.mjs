// Every view by mouse, by keyboard and by its address; each can be read by everybody at every width.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { assertAccessible, faultsOfLayout, textsCutInChart } from './looks.mjs';
import {
  VIEWS, chartAtRest, readAddress, sessionIds, sessionsThatFit, show, showAll, viewLink, waitForResults, waitForView,
} from './screen.mjs';
import { demoFile, newPage, openFile, openSite, serveFiles, waitForReady } from './support.mjs';

const timeout = 60_000;

/** What has the focus: the heading of the view? */
const headingHasFocus = () => document.activeElement.matches('main h1');

test('the mouse and the keyboard reach every view, and its heading has the focus', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  const visit = async (view) => {
    await waitForView(page, view);
    await page.waitForFunction(headingHasFocus);
    assert.equal(await page.evaluate(() => scrollY), 0, `${view} begins at its top`);
    assert.equal(await page.title(), `${view} · demo-300.jsonl · Footpath`);
    assert.equal(await page.locator('nav.views [aria-current]').count(), 1);
    assert.equal(await page.locator('h1').count(), 1);
    // Findings have their result as a heading.
    if (view !== 'Findings') assert.equal(await page.locator('h1').innerText(), view);
  };
  for (const view of [...VIEWS.slice(1), VIEWS[0]]) {
    await viewLink(page, view).click();
    await visit(view);
  }
  for (const view of ['Funnel', 'Method', 'Findings']) {
    await page.locator('.skip').focus();
    for (let count = 0; count < 20 && !(await viewLink(page, view).evaluate(isFocused)); count += 1) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await visit(view);
  }
  assert.deepEqual(problems, []);
});

test('the skip link is the first that Tab reaches, comes into sight and leads to the heading', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await page.keyboard.press('Tab');
  const skip = page.locator('.skip');
  assert.ok(await skip.evaluate(isFocused));
  assert.ok((await skip.boundingBox()).y >= 0, 'it is in sight');
  await page.keyboard.press('Enter');
  assert.ok(await page.evaluate(headingHasFocus));
  await openFile(page, await demoFile(t, 300));
  await skip.focus();
  await page.keyboard.press('Enter');
  assert.ok(await page.evaluate(headingHasFocus));
  assert.deepEqual(problems, []);
});

test('back, forward, reload and a copied address keep what is shown', { timeout }, async (t) => {
  const file = await demoFile(t, 300);
  const { url, origin } = await serveFiles(t, path.dirname(file), { cors: true });
  const data = url + path.basename(file);
  const settings = JSON.stringify({ long_gap: { min_gap_s: 5 } });
  const hash = `#flows?settings=${encodeURIComponent(settings)}`;
  const { page, problems, site } = await openSite(t, {
    query: `?data=${encodeURIComponent(data)}${hash}`,
    contextOptions: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  const strangers = [];
  page.on('request', (request) => {
    const from = new URL(request.url()).origin;
    if (![origin, site.origin].includes(from) && /^http/.test(request.url())) strangers.push(request.url());
  });
  await waitForReady(page);
  await waitForView(page, 'Flows');
  const stops = [];
  const arrive = async () => stops.push({ url: page.url(), shows: await whatIsShown(page) });
  await arrive();
  await page.locator('a.count:visible').first().click();
  await page.locator('.in-force').waitFor();
  await settled(page);
  await arrive();
  await page.locator('.session-table .id a').first().click();
  await page.locator('.board').waitFor();
  await arrive();
  await show(page, 'Anomalies');
  await arrive();
  for (const { url } of stops) assert.match(url, /settings=/, 'every address holds the settings');
  const check = async (at, how) => {
    await page.waitForFunction((url) => location.href === url, stops[at].url);
    await settled(page);
    assert.deepEqual(await whatIsShown(page), stops[at].shows, `${how} to ${stops[at].url}`);
  };
  for (const at of [2, 1, 0]) {
    await page.goBack();
    await check(at, 'back');
  }
  for (const at of [1, 2, 3]) {
    await page.goForward();
    await check(at, 'forward');
  }
  for (const at of [3, 2, 1, 0]) {
    await page.reload();
    await waitForReady(page);
    await check(at, 'reload');
    if (at > 0) await page.goBack();
  }
  await page.goto(stops[2].url);
  await page.reload();
  await waitForReady(page);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, stops[2].url);
  const other = await newPage(t);
  await other.page.goto(copied);
  await waitForReady(other.page);
  await settled(other.page);
  assert.deepEqual(await whatIsShown(other.page), stops[2].shows);
  assert.deepEqual([...problems, ...other.problems], []);
  assert.deepEqual(strangers, [], 'nothing is asked of other hosts');
});

test('an address that makes no sense shows the findings and says what is wrong', { timeout }, async (t) => {
  const { page, problems } = await openSite(t, { query: '#nowhere?filter={"of":"x"}&settings={"salvge":1}' });
  assert.match(await page.locator('main > [role=alert]').innerText(), /^The address could not be used: .*salvge/);
  await openFile(page, await demoFile(t, 300));
  await waitForView(page, 'Findings');
  await page.evaluate(() => (location.hash = '#sessions?filter=%7B'));
  await waitForView(page, 'Sessions');
  assert.equal(await page.locator('.in-force').count(), 0);
  await page.evaluate(() => (location.hash = '#sessions?user=nobody&session=none'));
  await page.getByRole('heading', { name: 'This session is not in demo-300.jsonl' }).waitFor();
  assert.deepEqual(problems, []);
});

test('a session that is opened has the focus on its heading, at the top', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Sessions');
  await page.locator('.session-table .id a').last().click();
  await page.locator('.board').waitFor();
  await page.waitForTimeout(100);
  assert.ok(await page.evaluate(headingHasFocus));
  assert.equal(await page.evaluate(() => scrollY), 0);
});

test('axe finds nothing serious in any view, and nothing overflows or is cut off', { timeout: 120_000 }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 2_000, '--plant'));
  for (const view of VIEWS) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await show(page, view);
    await showAll(page);
    const lists = page.locator('article.finding .sessions > .chip');
    if (await lists.count()) {
      await lists.first().click();
      await page.locator('.chips.list button').first().click();
      await page.locator('.board').waitFor();
    }
    if (view === 'Sessions') {
      await page.evaluate(() => (location.hash = '#sessions?filter={"of":"converted"}'));
      await page.locator('.in-force').waitFor();
    }
    if (view === 'Settings') {
      await page.getByLabel('A pause is longer than', { exact: true }).fill('soon');
      await page.getByLabel('A pause is longer than', { exact: true }).blur();
      await page.getByLabel('Steps', { exact: true }).selectOption('listed');
      await waitForResults(page);
      await page.locator('.step-editor').first().waitFor();
    }
    // The layout of the settings has a test of its own.
    await assertAccessible(page, view, { layout: view !== 'Settings' });
  }
  await page.evaluate(() => (location.hash = '#sessions'));
  await page.locator('.session-table .id a').first().click();
  await page.locator('.board').waitFor();
  await assertAccessible(page, 'a session');
  assert.deepEqual(problems, []);
});

test('nothing overflows or is cut off in the settings', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Settings');
  assert.deepEqual(await faultsOfLayout(page), []);
});

test('on a desk no chart needs to be scrolled', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  await page.setViewportSize({ width: 1440, height: 900 });
  await openFile(page, await demoFile(t, 2_000));
  for (const view of ['Flows', 'Funnel', 'Anomalies', 'Data']) {
    await show(page, view);
    const wide = await page.locator('.chart-place').evaluateAll((places) =>
      places.filter((place) => place.scrollWidth > place.clientWidth).map((place) => place.firstChild.id));
    assert.deepEqual(wide, []);
  }
});

for (const [view, id] of [
  ['Funnel', 'funnel-chart'],
  ['Flows', 'flows-chart'],
  ['Anomalies', 'gaps-chart'],
  ['Anomalies', 'durations-chart'],
  ['Data', 'timeline-chart'],
]) {
  test(`no text of ${id} is cut off`, { timeout }, async (t) => {
    const { page } = await openSite(t);
    await openFile(page, await demoFile(t, 300));
    await show(page, view);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(100);
      await chartAtRest(page, id);
      assert.deepEqual(await textsCutInChart(page, id), [], `at ${width}`);
    }
  });
}

function isFocused(element) {
  return element === document.activeElement;
}

/** Waits until sessions that were asked for have come. */
async function settled(page) {
  await waitForResults(page);
  if (readAddress(page).view !== 'sessions') return;
  if (readAddress(page).session) {
    await page.locator('.board').waitFor();
    await page.locator('.neighbours').waitFor();
  } else {
    await page.locator('.session-table tbody tr').first().waitFor();
  }
  // Rows of an earlier filter may stand there until the new ones come.
  await page.waitForTimeout(150);
}

/** Where the page is, and what of it a visitor would miss. */
async function whatIsShown(page) {
  const { view, filter, settings, user, session } = readAddress(page);
  const shown = { view, filter, settings, user, session, heading: await page.locator('h1').innerText() };
  if (view === 'sessions' && !session) {
    return { ...shown, fit: await sessionsThatFit(page), ids: await sessionIds(page) };
  }
  return { ...shown, text: (await page.locator('main').innerText()).replaceAll(/\n{2,}/g, '\n\n') };
}
