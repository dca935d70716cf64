// The goal and the steps of the funnel are edited on the screen.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAddress, show, tableRows, waitForResults } from './screen.mjs';
import { analyse, figures, needsReference, openFile, openSite, referenceFile, temporaryFile } from './support.mjs';

const timeout = 60_000;

test('the goal can be a last page, and an event', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  await show(page, 'Settings');
  await page.getByLabel('A session reaches the goal if').selectOption('ends_at');
  await page.locator('#goal-page').waitFor();
  assert.equal(await page.locator('#goal-page').inputValue(), '/checkout');
  assert.deepEqual(readAddress(page).settings.goal, { rule: 'ends_at', name: 'Ends at /checkout', page: '/checkout' });
  await show(page, 'Findings');
  assert.equal((await figures(page)).converted, '21');
  assert.match(await page.locator('h1').innerText(), /^21 of 30 sessions reached the goal “Ends at \/checkout”/);
  await show(page, 'Settings');
  await page.locator('#goal-page').fill('/account');
  await page.locator('#goal-page').blur();
  await show(page, 'Findings');
  assert.equal((await figures(page)).converted, '5');
  await show(page, 'Settings');
  await page.getByLabel('A session reaches the goal if').selectOption('event');
  // Whoever comes back finds the goal as it was.
  await waitForResults(page);
  assert.equal(readAddress(page).settings, null);
  await page.getByLabel('A session reaches the goal if').selectOption('ends_at');
  await waitForResults(page);
  assert.equal(readAddress(page).settings.goal.page, '/account');
  await page.getByLabel('A session reaches the goal if').selectOption('event');
  await show(page, 'Findings');
  assert.equal((await figures(page)).converted, '12');

  // One event or another.
  await show(page, 'Settings');
  await page.getByRole('button', { name: 'Add an alternative to the goal' }).click();
  await page.waitForFunction(() => document.activeElement.id === 'goal-1-page');
  await page.keyboard.type('/account');
  await page.keyboard.press('Tab');
  await waitForResults(page);
  const { goal } = readAddress(page).settings;
  assert.deepEqual(goal.or, [{ page: '/account' }]);
  const settings = await temporaryFile(t, 'settings.json', JSON.stringify({ goal }));
  const expected = analyse(referenceFile(), '--settings', settings);
  assert.match(expected.goal.definition, /“Place Order” and the page \/checkout, or with the page \/account/);
  await show(page, 'Findings');
  assert.equal((await figures(page)).converted, String(expected.goal.converted));
  await show(page, 'Settings');
  await page.getByRole('button', { name: 'Remove alternative 2 of the goal' }).click();
  await waitForResults(page);
  assert.equal(readAddress(page).settings, null);

  // What makes no sense is refused by its label.
  await page.locator('#goal-name').fill(' ');
  await page.locator('#goal-name').blur();
  await page.getByText('Not used: the name of the goal is empty.').waitFor();
  assert.deepEqual(problems, []);
});

test('the steps of the funnel are listed, renamed, moved and removed', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  const proposed = analyse(referenceFile()).funnel;
  const editors = page.locator('.step-editor');
  const funnel = async () => {
    await show(page, 'Funnel');
    const settings = await temporaryFile(t, 'settings.json', JSON.stringify(readAddress(page).settings ?? {}));
    const steps = (await tableRows(page, 'The steps in order')).map(([name, sessions]) => [name, Number(sessions)]);
    const expected = analyse(referenceFile(), '--settings', settings).funnel.steps;
    assert.deepEqual(steps, expected.map((step) => [step.name, step.sessions]));
    await show(page, 'Settings');
    return steps;
  };
  await show(page, 'Settings');
  await page.getByLabel('Steps', { exact: true }).selectOption('listed');
  await editors.first().waitFor();
  assert.equal(await editors.count(), proposed.rules.length);
  assert.deepEqual(await funnel(), proposed.steps.map((step) => [step.name, step.sessions]));

  await page.locator('#step-0-name').fill('Look for something');
  await page.locator('#step-0-name').blur();
  assert.equal((await funnel())[1][0], 'Look for something');

  // An alternative is a setting once it says something.
  const listed = () => readAddress(page).settings.funnel.list;
  const before = listed()[0].any_of;
  await page.getByRole('button', { name: 'Add an alternative to step 1' }).click();
  const page0 = page.locator(`#step-0-${before.length}-page`);
  await page.waitForFunction((id) => document.activeElement.id === id, `step-0-${before.length}-page`);
  assert.deepEqual(listed()[0].any_of, before);
  await page0.fill('/');
  await page.keyboard.press('Tab');
  await waitForResults(page);
  assert.deepEqual(listed()[0].any_of, [...before, { page: '/' }]);
  assert.equal(await page.evaluate(() => document.activeElement.id), `step-0-${before.length}-css`);
  await page.getByRole('button', { name: `Remove alternative ${before.length + 1} of step 1` }).click();
  await page0.waitFor({ state: 'detached' });
  await waitForResults(page);
  assert.deepEqual(listed()[0].any_of, before);

  await page.getByRole('button', { name: 'Move step 1 down' }).click();
  await waitForResults(page);
  assert.equal(await page.locator('#step-1-name').inputValue(), 'Look for something');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'step-1-down');
  assert.equal((await funnel())[2][0], 'Look for something');

  await page.getByRole('button', { name: 'Remove step 2' }).click();
  await page.waitForFunction((n) => document.querySelectorAll('.step-editor').length === n, proposed.rules.length - 1);
  assert.ok((await funnel()).every(([name]) => name !== 'Look for something'));

  await page.getByRole('button', { name: 'Add a step' }).click();
  await page.waitForFunction((n) => document.querySelectorAll('.step-editor').length === n, proposed.rules.length);
  assert.equal((await funnel()).length, proposed.rules.length + 1);
  await page.getByLabel('Steps', { exact: true }).selectOption('auto');
  await waitForResults(page);
  assert.equal(await editors.count(), 0);
  assert.deepEqual(await funnel(), proposed.steps.map((step) => [step.name, step.sessions]));
  assert.deepEqual(problems, []);
});

test('a listed funnel goes on ending in the goal', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  const steps = async () => (await tableRows(page, 'The steps in order')).map((row) => row.slice(0, 3));
  await show(page, 'Settings');
  await page.getByLabel('A session reaches the goal if').selectOption('ends_at');
  await show(page, 'Funnel');
  const proposed = await steps();
  await show(page, 'Settings');
  await page.getByLabel('Steps', { exact: true }).selectOption('listed');
  await show(page, 'Funnel');
  assert.deepEqual(await steps(), proposed);
  await show(page, 'Settings');
  await page.locator('#goal-page').fill('/account');
  await page.locator('#goal-page').blur();
  await waitForResults(page);
  const { goal, funnel } = readAddress(page).settings;
  assert.deepEqual(funnel.list.at(-1), { name: goal.name, any_of: [{ page: '/account' }] });
  assert.deepEqual(problems, []);
});
