// The built site opens from a sub-path under its content security policy.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openSite } from './support.mjs';

test('the page opens without an error', async (t) => {
  const { page, problems } = await openSite(t);
  assert.equal(await page.title(), 'Footpath');
  assert.deepEqual(problems, []);
});

test('the files the page loads later are there', async (t) => {
  const { page, problems } = await openSite(t);
  const statuses = await page.evaluate(async () => {
    const assets = JSON.parse(document.querySelector('meta[name=footpath-assets]').content);
    const answers = await Promise.all(Object.values(assets).map((name) => fetch(name)));
    return answers.map((answer) => answer.status);
  });
  assert.deepEqual(statuses, [200, 200, 200, 200, 200]);
  assert.deepEqual(problems, []);
});

test('a script that the policy does not know is refused', async (t) => {
  const { page, problems } = await openSite(t);
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.strangerRan = true';
    document.head.append(script);
    return window.strangerRan === true;
  });
  assert.equal(ran, false);
  assert.match(problems.join(), /Content Security Policy/);
});
