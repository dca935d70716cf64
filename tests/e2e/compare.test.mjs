// Two parts of a file side by side, what was typed, and shares over time.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { setField, show, tableRows, waitForResults } from './screen.mjs';
import { demoFile, needsReference, openFile, openSite, referenceFile } from './support.mjs';

const timeout = 60_000;

test('before and after, and with and without', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  await show(page, 'Compare');
  await page.getByText('Nothing is compared yet').waitFor();
  await setField(page, 'Or sessions with', 'div.error-message');
  await waitForResults(page);
  await page.getByText('17 sessions without div.error-message, 13 sessions with div.error-message.').waitFor();
  const goal = page.locator('tr', { hasText: 'reached the goal' });
  assert.match(await goal.innerText(), /8 of 17 \(47\s%\)\s+4 of 13 \(31\s%\)/);
  assert.match(decodeURIComponent(page.url()), /#compare\?settings=\{"compare":\{"having":"div.error-message"\}\}$/);

  // A time goes before; the address brings it back.
  await setField(page, 'Sessions from this time on', 'half');
  await page.getByText(/^15 sessions before 6\sFeb\s2025,\s10:12:/).waitFor();
  await page.reload();
  await openFile(page, referenceFile());
  await page.getByText(/^15 sessions before 6\sFeb\s2025,\s10:12:/).waitFor();
  await setField(page, 'Sessions from this time on', 'soon');
  await page.getByText('Not used:').waitFor();
  await setField(page, 'Sessions from this time on', '');
  await setField(page, 'Or sessions with', '');
  await page.getByText('Nothing is compared yet').waitFor();
  assert.deepEqual(problems, []);
});

test('what was typed and shares over time', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 5_000, '--plant'));
  await show(page, 'Flows');
  await page.getByRole('heading', { name: 'What was typed' }).waitFor();
  const rows = await page.locator('tr', { hasText: '“tent”' }).allInnerTexts();
  assert.equal(rows.length, 1);
  // An address is counted and not shown.
  assert.equal(await page.getByText('Demo Street').count(), 0);
  assert.equal(await page.getByText('looks personal, not shown').count(), 1);
  await show(page, 'Funnel');
  await page.getByRole('heading', { name: 'Over time' }).waitFor();
  await page.locator('#trend-chart canvas, #trend-chart svg').first().waitFor();
  await page.locator('details.as-table', { hasText: 'Shares over time' }).locator('summary').click();
  const shares = await tableRows(page, 'Shares over time');
  assert.ok(shares.length > 2);
  assert.deepEqual(problems, []);
});
