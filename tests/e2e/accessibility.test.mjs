// The page can be read and used by everybody: axe finds nothing serious, nothing overflows, the keyboard suffices.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { assertAccessible, faultsOfLayout } from './looks.mjs';
import {
  demoFile, dropFile, footpath, newPage, openFile, openSite, temporaryFile, waitForProblem, waitForReady,
} from './support.mjs';

const timeout = 40_000;
/** What there is to see before a file is open; the views are in views.test.mjs. */
const STATES = {
  'the opening page': async () => {},
  'a problem': async (t, page) => {
    await dropFile(page, await temporaryFile(t, 'events.csv', 'a,b\n1,2\n'));
    await waitForProblem(page);
  },
};

for (const [view, open] of Object.entries(STATES)) {
  test(`axe finds nothing serious in ${view}, and nothing overflows`, { timeout }, async (t) => {
    const { page } = await openSite(t);
    await open(t, page);
    await assertAccessible(page);
  });
}

test('axe finds nothing serious in the report, and nothing overflows', { timeout }, async (t) => {
  const html = footpath('analyze', await demoFile(t, 5_000, '--plant'), '--format', 'html');
  const { page } = await newPage(t);
  await page.goto(pathToFileURL(await temporaryFile(t, 'report.html', html)).href);
  await assertAccessible(page);
});

test('long words do not make the page overflow', { timeout }, async (t) => {
  const long = 'x'.repeat(300);
  const lines = Array.from({ length: 30 }, (_, number) =>
    JSON.stringify({
      user_id: long + number, session_id: long + number, path: `/${long}`, css: `#${long}`, text: `Error ${long}`,
      event_time: `2025-01-01 09:00:${number + 10}`,
    }));
  const { page } = await openSite(t);
  await openFile(page, await temporaryFile(t, `${'n'.repeat(150)}.jsonl`, lines.join('\n')));
  const finding = page.locator('article.finding').first();
  await finding.locator('.sessions > .chip').click();
  await finding.locator('.chips button').first().click();
  await finding.locator('.board').waitFor();
  assert.deepEqual(await faultsOfLayout(page), []);
});

test('the chart changes with the page from light to dark', { timeout }, async (t) => {
  const { page } = await openSite(t);
  await page.emulateMedia({ colorScheme: 'light' });
  await openFile(page, await demoFile(t, 300));
  await page.locator('#funnel-chart canvas').waitFor();
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(300);
    const [label, ink] = await page.evaluate(() => {
      const chart = window.echarts.getInstanceByDom(document.getElementById('funnel-chart'));
      const ink = getComputedStyle(document.documentElement).getPropertyValue('--ink');
      return [chart.getOption().yAxis[0].axisLabel.color, ink];
    });
    assert.equal(label, ink, `the names of the steps are readable in ${colorScheme}`);
  }
});

test('the keyboard reaches everything on the opening page, and opens the demo', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const reached = await tabThrough(page, 6);
  const wanted = ['Drop an events file here', 'link', 'Open link', 'Try the demo shop'];
  const places = wanted.map((name) => reached.findIndex((focused) => focused.startsWith(name)));
  assert.ok(places.every((place, index) => place > (places[index - 1] ?? -1)), `Tab reaches ${reached.join(' → ')}`);
  await page.getByRole('button', { name: 'Try the demo shop' }).focus();
  await page.keyboard.press('Enter');
  await waitForReady(page);
  assert.deepEqual(problems, []);
});

test('the keyboard opens a finding’s sessions and one of them', { timeout }, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  const finding = page.locator('article.finding').first();
  // The first that Tab reaches. Then the mark, the buttons that save, the views, the results.
  await page.locator('.skip').focus();
  const inFinding = () => document.activeElement.closest('article.finding') !== null;
  const reached = await tabThrough(page, 60, inFinding);
  const saving = ['Download JSON', 'Save report'];
  assert.ok(saving.every((name) => reached.includes(name)), `Tab reaches ${reached.join(' → ')}`);
  await page.keyboard.press('Enter');
  await finding.locator('.chips').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await finding.locator('.board').waitFor();
});

test('what has the focus can be seen', { timeout }, async (t) => {
  const { page } = await openSite(t);
  for (let count = 0; count < 5; count += 1) {
    await page.keyboard.press('Tab');
    const [name, outline] = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      return [document.activeElement.textContent || document.activeElement.id, outline || style.boxShadow !== 'none'];
    });
    assert.ok(outline, `“${name}” has a visible focus`);
  }
});

/** Presses Tab so many times, or until `enough` says so; what had the focus, one after another. */
async function tabThrough(page, times, enough = () => false) {
  const reached = [];
  for (let count = 0; count < times; count += 1) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id));
    if (await page.evaluate(enough)) break;
  }
  return reached;
}

test('the bar stays low at every width', { timeout }, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  for (const width of [1440, 1240, 1239, 1100, 1024, 900, 768, 761]) {
    await page.setViewportSize({ width, height: 800 });
    const { height, right } = await page.locator('.bar').evaluate((bar) => {
      return { height: bar.offsetHeight, right: Math.max(...[...bar.children].map((child) => child.getBoundingClientRect().right)) };
    });
    assert.ok(height <= 130, `the bar is ${height} px high at ${width}`);
    assert.ok(right <= width, `something of the bar ends at ${right} px at ${width}`);
  }
});
