// Files of other tools open by themselves: the page says as what it read them, and the address carries it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { footpath, openFile, openSite, save, temporaryFile, waitForReady } from './support.mjs';

const timeout = 60_000;

const POSTHOG = `uuid,event,properties,distinct_id,timestamp,elements_chain
1,$pageview,"{""$pathname"": ""/"", ""$session_id"": ""s1""}",u1,2024-05-01 10:00:00.120000+00:00,
2,$autocapture,"{""$pathname"": ""/"", ""$session_id"": ""s1"", ""$el_text"": ""Sign up""}",u1,2024-05-01 10:00:09+00:00,a.cta
3,$pageview,"{""$current_url"": ""https://app.example.org/signup?x=1"", ""$session_id"": ""s1""}",u1,2024-05-01 10:00:11+00:00,
4,$identify,"{""$session_id"": ""s1""}",u1,2024-05-01 10:00:12+00:00,
5,$pageview,"{""$pathname"": ""/"", ""$session_id"": ""s2""}",u2,2024-05-01 11:00:00+00:00,
`;

const SHOP = 'visitor;timestamp;action\n7;1740823200;home\n7;1740823260;cart\n8;1740823260;home\n7;1740830000;home\n';

test('a table of a tool is read as what it is', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await temporaryFile(t, 'posthog.csv', POSTHOG);
  await openFile(page, file);
  assert.equal(await page.locator('[data-metric=events]').textContent(), '4');
  assert.equal(await page.locator('[data-metric=sessions]').textContent(), '2');
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  const main = page.locator('main');
  await main.getByText('Read as a PostHog export.').waitFor();
  await main.getByRole('cell', { name: 'not an action of a user, but a note of the tool' }).waitFor();
  const json = (await save(page, 'Download JSON')).bytes;
  assert.equal(json.toString(), footpath('analyze', file, '--format', 'json').toString());
  assert.deepEqual(problems, []);
});

test('a JSON list is read as its records', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const records = [0, 1, 2].map((n) => ({
    EventType: 'click', EventStart: `2024-05-20T10:0${n}:00Z`, SessionId: 303, UserId: 202, PageUrl: `https://example.org/p${n}`,
  }));
  await openFile(page, await temporaryFile(t, 'list.json', JSON.stringify(records, null, 2)));
  assert.equal(await page.locator('[data-metric=events]').textContent(), '3');
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  await page.locator('main').getByText('Read as a FullStory export.').waitFor();
  assert.deepEqual(problems, []);
});

test('the next file is recognised anew', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await temporaryFile(t, 'posthog.csv', POSTHOG));
  await page.getByRole('button', { name: 'Open another file' }).click();
  await openFile(page, await temporaryFile(t, 'shop.csv', SHOP));
  assert.equal(await page.locator('[data-metric=events]').textContent(), '4');
  // More than half an hour apart.
  assert.equal(await page.locator('[data-metric=sessions]').textContent(), '3');
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  await page.locator('main').getByText('Read as a file with fields of its own.').waitFor();
  assert.match(decodeURIComponent(page.url()), /"session":"@user"/);
  await waitForReady(page);
  assert.deepEqual(problems, []);
});
