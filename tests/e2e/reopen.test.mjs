// What cannot be read, or is not what was meant, does not cost what was open before.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  demoFile, dropFile, line, openFile, openSite, temporaryFile, waitForProblem, waitForReady, waitForState,
} from './support.mjs';

const timeout = 60_000;
const NAMELESS = 'a,b,c\nu1,2025-03-01 10:00:00,/home\nu1,2025-03-01 10:00:09,/cart\nu2,2025-03-01 10:00:19,/home\n';

async function withResults(t) {
  const { page, problems } = await openSite(t);
  const lines = [line(), line({ session_id: 's2', user_id: 'u2', path: '/cart' })];
  await openFile(page, await temporaryFile(t, 'first.jsonl', `${lines.join('\n')}\n`));
  await page.getByRole('link', { name: /^Sessions/ }).first().click();
  await page.locator('main h1').getByText('Sessions').waitFor();
  return { page, problems };
}

async function assertFirstIsShown(page) {
  await waitForReady(page);
  await page.locator('.bar .file b').getByText('first.jsonl').waitFor();
  await page.locator('main h1').getByText('Sessions').waitFor();
}

test('a file that cannot be read leads back to the one before, by its button', { timeout }, async (t) => {
  const { page, problems } = await withResults(t);
  await dropFile(page, await temporaryFile(t, 'logo.png', Buffer.from('\x89PNG and more', 'latin1')));
  await waitForProblem(page);
  await page.getByRole('button', { name: 'Back to first.jsonl' }).click();
  await assertFirstIsShown(page);
  assert.deepEqual(problems, []);
});

test('the browser’s Back leads there too', { timeout }, async (t) => {
  const { page, problems } = await withResults(t);
  await dropFile(page, await temporaryFile(t, 'notes.txt', 'Some notes\nand more\n'));
  await waitForProblem(page);
  await page.goBack();
  await assertFirstIsShown(page);
  assert.deepEqual(problems, []);
});

test('so does leaving the choice of fields', { timeout }, async (t) => {
  const { page, problems } = await withResults(t);
  const file = await temporaryFile(t, 'nameless.csv', NAMELESS);
  await dropFile(page, file);
  await waitForState(page, 'choosing');
  await page.getByRole('button', { name: 'Back to first.jsonl' }).click();
  await assertFirstIsShown(page);
  await dropFile(page, file);
  await waitForState(page, 'choosing');
  await page.goBack();
  await assertFirstIsShown(page);
  assert.deepEqual(problems, []);
});

test('a cancelled file leaves a way back', { timeout }, async (t) => {
  const { page, problems } = await withResults(t);
  await dropFile(page, await demoFile(t, 300_000));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Back to first.jsonl' }).click();
  await assertFirstIsShown(page);
  await page.getByRole('button', { name: 'Open another file' }).click();
  await page.goBack();
  await assertFirstIsShown(page);
  assert.deepEqual(problems, []);
});
