// Going back and forth, loading anew and pasted addresses: neither the work nor what was set is lost.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { readAddress, sessionIds, setField, show, waitForResults, waitForView } from './screen.mjs';
import { demoFile, dropFile, openFile, openSite, serveFiles, waitForReady, waitForState } from './support.mjs';

const timeout = 60_000;
const LONGER = { long_gap: { min_gap_s: 5 } };

test('results have an entry of their own: going back does not leave the page with them', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  assert.equal(new URL(page.url()).hash, '#findings');
  await show(page, 'Flows');
  await page.goBack();
  await waitForView(page, 'Findings');
  await page.goBack();
  await waitForView(page, 'Findings');
  assert.equal(await page.locator('.app').getAttribute('data-state'), 'ready');
  assert.deepEqual(problems, []);
});

test('going back from the settings keeps them in force; a pasted address brings its own', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Anomalies');
  await show(page, 'Settings');
  const entries = await page.evaluate(() => history.length);
  await setField(page, 'A pause is longer than', '5');
  await setField(page, 'A pause is longer than', '6');
  await setField(page, 'A pause is longer than', '5');
  assert.equal(await page.evaluate(() => history.length), entries, 'a change is no new entry');
  const bar = page.locator('.settings-in-force');
  for (const view of ['Anomalies', 'Findings']) {
    await page.goBack();
    await waitForView(page, view);
    assert.deepEqual(readAddress(page).settings, LONGER);
    assert.match(await bar.innerText(), /^1 setting differs from the defaults: .*“A pause is longer than”\./);
  }
  await page.evaluate(() => (location.hash = '#funnel'));
  await waitForView(page, 'Funnel');
  assert.equal(await bar.count(), 0, 'a new address holds all settings that are to be in force');
  await page.goBack();
  await waitForView(page, 'Findings');
  assert.equal(readAddress(page).settings, null);
  await page.evaluate((settings) => (location.hash = `#funnel?settings=${settings}`), encodeURIComponent(JSON.stringify(LONGER)));
  await waitForView(page, 'Funnel');
  await bar.getByRole('button', { name: 'Reset settings' }).click();
  await waitForResults(page);
  assert.equal(await bar.count(), 0);
  assert.equal(readAddress(page).settings, null);
  assert.deepEqual(problems, []);
});

test('a page that is loaded anew says which file it waits for, and returns to the place', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 300);
  await openFile(page, file);
  await show(page, 'Sessions');
  await page.locator('.session-table .id a').first().click();
  await page.locator('.board').waitFor();
  const [heading, address] = [await page.locator('h1').innerText(), page.url()];
  await page.reload();
  await waitForState(page, 'idle');
  await page.getByText('This address was for Sessions of demo-300.jsonl. Drop the file again to return there.').waitFor();
  await dropFile(page, file);
  await waitForReady(page);
  await page.getByRole('heading', { name: heading }).waitFor();
  assert.equal(page.url(), address);
  await page.getByRole('button', { name: 'Open another file' }).click();
  await waitForState(page, 'idle');
  await page.reload();
  await page.locator('.drop').waitFor();
  assert.equal(await page.getByText('This address was for').count(), 0);
  assert.deepEqual(problems, []);
});

test('a link whose settings make no sense opens its file and says what is wrong', { timeout }, async (t) => {
  const file = await demoFile(t, 300);
  const { url } = await serveFiles(t, path.dirname(file), { cors: true });
  const query = `?data=${encodeURIComponent(url + path.basename(file))}#findings?settings={"salvge":1}`;
  const { page, problems } = await openSite(t, { query });
  await waitForReady(page);
  assert.match(await page.locator('main > [role=alert]').innerText(), /^The address could not be used: .*salvge/);
  assert.deepEqual(problems, []);
});

test('a search and how far the page was scrolled are there again after going back', { timeout }, async (t) => {
  const file = await demoFile(t, 2_000);
  const { url } = await serveFiles(t, path.dirname(file), { cors: true });
  const { page, problems } = await openSite(t, { query: `?data=${encodeURIComponent(url + path.basename(file))}` });
  await waitForReady(page);
  await show(page, 'Sessions');
  await page.getByRole('searchbox').fill('checkout');
  await page.waitForFunction(() => /^\d+ of /.test(document.querySelector('.search [role=status]').textContent));
  const ids = await sessionIds(page);
  assert.ok(ids.length > 20, 'the table is longer than the screen');
  await page.locator('.session-table .id a').nth(20).scrollIntoViewIfNeeded();
  const scrolled = await page.evaluate(() => scrollY);
  assert.ok(scrolled > 0);
  await page.locator('.session-table .id a').nth(20).click();
  await page.locator('.board').waitFor();
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.goBack();
  await page.waitForFunction((y) => Math.abs(scrollY - y) < 2, scrolled);
  assert.deepEqual(await sessionIds(page), ids);
  assert.equal(await page.getByRole('searchbox').inputValue(), 'checkout');
  await page.reload();
  await waitForReady(page);
  await waitForView(page, 'Sessions');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'checkout');
  assert.deepEqual(problems, []);
});

test('what has no meaning in an address is said, and all are shown', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  const notice = page.locator('.alert-place .problem');
  for (const [hash, view, says] of [
    ['#anomalies?class=foo', 'Anomalies', 'The address names a class of anomaly that Footpath does not know. These are all classes.'],
    ['#sessions?filter=garbage', 'Sessions', 'The address names a choice of sessions that Footpath does not know. These are all sessions.'],
    ['#nowhere', 'Findings', 'The address names a view that Footpath does not know. These are the findings.'],
    ['#flows?settings=[]', 'Flows', 'The address could not be used: the settings are not valid: they are no object in braces, such as {"salvage": false}.'],
  ]) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await waitForView(page, view);
    await page.waitForFunction((says) => document.querySelector('.alert-place')?.innerText === says, says);
    await show(page, view === 'Flows' ? 'Data' : 'Flows');
    assert.equal(await notice.count(), 0, 'it goes with the view that it was about');
  }
  await page.evaluate(() => (location.hash = '#sessions?filter={"of":"reached","step":98}'));
  await page.getByText('Sessions that reached the step 99, which this funnel does not have.').waitFor();
  assert.deepEqual(problems, []);
});

test('the order of a table and of the classes is in the address', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 2_000, '--plant');
  await openFile(page, file);
  await show(page, 'Sessions');
  await page.getByRole('button', { name: 'Events' }).click();
  await page.locator('th[aria-sort=descending]', { hasText: 'Events' }).waitFor();
  await page.waitForTimeout(200);
  const ids = await sessionIds(page);
  await page.locator('.session-table .id a').nth(40).click();
  await page.locator('.board').waitFor();
  await page.getByRole('link', { name: 'Back to the table' }).click();
  await page.locator('th[aria-sort=descending]', { hasText: 'Events' }).waitFor();
  // Where it was left.
  await page.waitForFunction(() => scrollY > 500);
  assert.match(page.url(), /#sessions\?sort=-events$/);
  await page.reload();
  await waitForState(page, 'idle');
  await dropFile(page, file);
  await waitForReady(page);
  await page.locator('th[aria-sort=descending]', { hasText: 'Events' }).waitFor();
  await page.waitForTimeout(200);
  assert.deepEqual(await sessionIds(page), ids);

  await show(page, 'Anomalies');
  await page.getByLabel('Order').selectOption('sessions');
  const classes = () => page.locator('section.class').evaluateAll((all) => all.map((one) => one.dataset.class));
  const ordered = await classes();
  assert.match(page.url(), /#anomalies\?order=sessions$/);
  await show(page, 'Data');
  await page.goBack();
  await waitForView(page, 'Anomalies');
  assert.deepEqual(await classes(), ordered);
  assert.deepEqual(problems, []);
});
