// Settings are in force at once, in every view and in what is saved; the address and files carry them; what makes no
// sense is refused.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { readAddress, sessionIds, setField, show, tableRows, waitForResults, waitForView } from './screen.mjs';
import {
  REFERENCE_FIGURES, analyse, demoFile, dropFile, figures, footpath, needsReference, newPage, line, openFile, openSite,
  referenceFile, save, serveFiles, temporaryFile, temporaryFolder, waitForReady, waitForState,
  waitForWorkers,
} from './support.mjs';

const timeout = 60_000;

test('a threshold is in force at once, in the address, and in what is saved', { timeout }, async (t) => {
  const file = await demoFile(t, 300);
  const { url } = await serveFiles(t, path.dirname(file), { cors: true });
  const { page, problems } = await openSite(t, { query: `?data=${encodeURIComponent(url + path.basename(file))}` });
  let fetched = 0;
  page.on('request', (request) => (fetched += request.url().includes(path.basename(file)) && !request.isNavigationRequest()));
  await waitForReady(page);
  fetched = 0;
  const [worker] = page.workers();
  await watchStates(page);
  await show(page, 'Settings');
  await setField(page, 'A pause is longer than', '5');
  assert.deepEqual(readAddress(page).settings, { long_gap: { min_gap_s: 5 } });
  assert.deepEqual(await page.evaluate(() => window.states), [], 'the file is not read again');
  // Another one, which makes the options of charts, ends by itself.
  await waitForWorkers(page, 1);
  assert.equal(page.workers()[0], worker);
  assert.equal(fetched, 0);

  const settings = await temporaryFile(t, 'settings.json', JSON.stringify(readAddress(page).settings));
  const expected = analyse(file, '--settings', settings);
  const pauses = expected.findings.filter((finding) => finding.class === 'long_gap');
  assert.ok(pauses.length > 0);
  await show(page, 'Anomalies');
  const titles = page.locator('section.class[data-class=long_gap] article.finding h3');
  assert.deepEqual(await titles.allTextContents(), pauses.map((finding) => finding.title));

  for (const again of [false, true]) {
    if (again) {
      await page.reload();
      await waitForReady(page);
      await waitForView(page, 'Anomalies');
      assert.deepEqual(await titles.allTextContents(), pauses.map((finding) => finding.title));
    }
    for (const [button, format] of [['Download JSON', 'json'], ['Save report', 'html']]) {
      const saved = await save(page, button);
      const written = footpath('analyze', file, '--format', format, '--settings', settings);
      assert.ok(saved.bytes.equals(written), `${format} is as the command line writes it`);
    }
  }
  await show(page, 'Settings');
  assert.equal(await page.getByLabel('A pause is longer than', { exact: true }).inputValue(), '5');
  assert.equal(await page.getByLabel('Preset').inputValue(), 'own');
  assert.deepEqual(problems, []);
});

test('the preset gives the figures of the reference program', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  await show(page, 'Settings');
  await page.getByLabel('Preset').selectOption('reference');
  await waitForResults(page);
  assert.equal(await page.getByLabel('Preset').inputValue(), 'reference');
  await show(page, 'Findings');
  const { events, sessions, converted, rejected } = await figures(page);
  assert.deepEqual([events, sessions, converted, rejected], ['243', '30', '12', '1']);
  await show(page, 'Flows');
  const exits = await tableRows(page, 'Last pages of sessions that did not reach');
  assert.deepEqual(exits.find(([name]) => name === '/checkout'), ['/checkout', '9']);
  await show(page, 'Anomalies');
  const [activity] = await page.locator('section.class[data-class=high_activity] h3').allTextContents();
  assert.match(activity, /^2 sessions/);
  await page.getByText('More events than the mean (8.1) and 2 standard deviations: more than 12.8.').first().waitFor({ state: 'attached' });
  await show(page, 'Flows');
  await page.getByText('The pages’ mean dwells are 4.9 s on average.').waitFor();
  await page.getByText('28 views of 24 products; a session that sees one again counts once.').waitFor();

  // Through a file and back.
  await show(page, 'Settings');
  const exported = await save(page, 'Export');
  assert.equal(exported.name, 'footpath-settings.json');
  const json = await save(page, 'Download JSON');
  assert.deepEqual(JSON.parse(json.bytes).settings, JSON.parse(exported.bytes));
  const file = path.join(await temporaryFolder(t), exported.name);
  await writeFile(file, exported.bytes);
  const inTab = JSON.parse(json.bytes);
  assert.deepEqual(inTab, analyse(referenceFile(), '--settings', file));

  await page.getByRole('button', { name: 'Reset all' }).click();
  await waitForResults(page);
  assert.equal(readAddress(page).settings, null);
  assert.equal(await page.getByLabel('Preset').inputValue(), 'default');
  await show(page, 'Findings');
  assert.deepEqual(await figures(page), REFERENCE_FIGURES);

  await show(page, 'Settings');
  await page.getByLabel('Settings file').setInputFiles(file);
  await page.waitForFunction(() => document.getElementById('preset').value === 'reference');
  await waitForResults(page);
  const again = await save(page, 'Download JSON');
  assert.ok(again.bytes.equals(json.bytes));

  // A file that is none changes nothing.
  const before = page.url();
  for (const [content, says] of [['nonsense', /^bad\.json is no settings file: .+\.$/], ['', /^bad\.json is empty\.$/], ['{', /^bad\.json: .+\.$/], ['{"salvge": true}', /salvge/], ['{"long_gap": {"min_gap_s": -1}}', /“A pause is longer than” must be/]]) {
    await page.getByLabel('Settings file').setInputFiles(await temporaryFile(t, 'bad.json', content));
    await page.locator('main .problem', { hasText: says }).waitFor();
    assert.equal(page.url(), before);
  }
  await page.getByRole('button', { name: 'Reset all' }).click();
  await waitForResults(page);
  assert.equal(await page.locator('main .problem').count(), 0, 'what was wrong with a file is over');
  assert.deepEqual(problems, []);
});

test('a wrong value is refused at its field, and nothing changes', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Settings');
  await watchStates(page);
  const before = page.url();
  const refused = [
    ['A pause is longer than', 'soon', 'Not used: it must be a number.'],
    ['A pause is longer than', '-1', /^Not used: .*must be a number of at least 0, not -1\.$/],
    ['A pause is longer than', '3600', 'Not used: “Probably a new visit after” must not be below “A pause is longer than”.'],
    ['Test flows in files of at least', '2.5', 'Not used: it must be a whole number of at least 0.'],
    ['Field of the session', '', /^Not used: “Field of the session” is empty/],
    ['Field of the session', 'path', /name the same field/],
    ['If none is certain, name the oddest', '1.5', /^Not used: “If none is certain, name the oddest”/],
  ];
  for (const [label, value, says] of refused) {
    const field = await setField(page, label, value);
    assert.equal(await field.getAttribute('aria-invalid'), 'true', `${label}: ${value}`);
    const described = (await field.getAttribute('aria-describedby')).split(' ').at(-1);
    const sentence = await page.locator(`#${described}`).innerText();
    if (typeof says === 'string') assert.equal(sentence, says);
    else assert.match(sentence, says);
    assert.equal(page.url(), before);
  }
  assert.deepEqual(await page.evaluate(() => window.states), []);
  const field = await setField(page, 'A pause is longer than', '300');
  assert.equal(await field.getAttribute('aria-invalid'), null, 'a good value takes the sentence away');
  assert.equal(await page.getByLabel('Preset').inputValue(), 'default');
  assert.deepEqual(problems, []);
});

test('one setting is reset to its default, and the others stay', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Settings');
  await setField(page, 'A pause is longer than', '5');
  await setField(page, 'List sessions longer than', '3');
  assert.deepEqual(readAddress(page).settings, { long_gap: { min_gap_s: 5 }, quality: { max_session_hours: 3 } });
  const reset = page.getByRole('button', { name: 'Reset “A pause is longer than” of Pauses' });
  await reset.focus();
  await page.keyboard.press('Enter');
  await reset.waitFor({ state: 'detached' });
  await waitForResults(page);
  assert.deepEqual(readAddress(page).settings, { quality: { max_session_hours: 3 } });
  const field = page.getByLabel('A pause is longer than', { exact: true });
  assert.equal(await field.inputValue(), '300');
  await page.waitForFunction(() => document.activeElement.id === 'long_gap-min_gap_s');

  await page.getByLabel('Steps', { exact: true }).selectOption('listed');
  await page.getByRole('button', { name: 'Reset the funnel' }).click();
  await waitForResults(page);
  assert.deepEqual(readAddress(page).settings, { quality: { max_session_hours: 3 } });
  assert.equal(await page.locator('.step-editor').count(), 0);
  assert.deepEqual(problems, []);
});

test('Reset takes a refused value and its sentence away', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Settings');
  const field = await setField(page, 'A pause is longer than', 'soon');
  await page.getByRole('button', { name: 'Reset all' }).click();
  await waitForResults(page);
  assert.equal(await field.inputValue(), '300');
  assert.equal(await field.getAttribute('aria-invalid'), null);
});

test('a whole number beyond all bounds is refused, or used, but ends nothing', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Settings');
  await page.getByLabel('Compare only pages with at least', { exact: true }).fill('1e30');
  await page.getByLabel('Compare only pages with at least', { exact: true }).blur();
  await page.waitForTimeout(1_000);
  assert.equal(await page.locator('.app').getAttribute('data-state'), 'ready');
});

test('settings that change while a file loads are those of its results', { timeout: 60_000 }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 100_000);
  await dropFile(page, file);
  await waitForState(page, 'loading', 'ready');
  await page.evaluate(() => (location.hash = `#findings?settings=${encodeURIComponent('{"exits":"abandoned_sessions"}')}`));
  await waitForReady(page);
  const saved = JSON.parse((await save(page, 'Download JSON')).bytes);
  assert.equal(saved.settings.exits, 'abandoned_sessions');
  assert.deepEqual(problems, []);
});

test('a wrong number of standard deviations is refused with a sentence', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Settings');
  await page.getByLabel('Many events are more than').selectOption('mean_deviations');
  await waitForResults(page);
  await setField(page, 'Standard deviations', 'many');
  assert.equal(await page.locator('#high_activity-rule-problem').innerText(), 'Not used: it must be a number.');
});

test('the saved report names the settings it was made with', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, await demoFile(t, 300));
  await show(page, 'Settings');
  await page.getByLabel('Name of the goal').fill('A changed goal');
  await page.getByLabel('Name of the goal').blur();
  await waitForResults(page);
  const report = await temporaryFile(t, 'report.html', (await save(page, 'Save report')).bytes);
  const saved = await newPage(t);
  await saved.page.goto(pathToFileURL(report).href);
  assert.match(await saved.page.locator('body').innerText(), /A changed goal/);
  assert.deepEqual([...problems, ...saved.problems], []);
});

/** Collects, from now on, the states that the page goes through. */
function watchStates(page) {
  return page.evaluate(() => {
    window.states = [];
    const app = document.querySelector('.app');
    const observer = new MutationObserver(() => window.states.push(app.dataset.state));
    observer.observe(app, { attributeFilter: ['data-state'] });
  });
}

test('sessions are split at long gaps, and put together again, with one click', { timeout: 60_000 }, async (t) => {
  const { page, problems } = await openSite(t);
  const at = (time, path) => line({ event_time: `2025-01-01 ${time}`, path });
  const file = await temporaryFile(t, 'visits.jsonl', [at('09:00:00', '/'), at('09:00:10', '/a'), at('11:00:00', '/')].join('\n'));
  await openFile(page, file);
  await show(page, 'Anomalies');
  await page.getByRole('button', { name: 'Split sessions at gaps over 30 min' }).click();
  await waitForResults(page);
  assert.deepEqual(readAddress(page).settings, { long_gap: { split_after_s: 1800 } });
  await show(page, 'Sessions');
  await page.locator('.session-table tbody tr').nth(1).waitFor();
  assert.deepEqual(await sessionIds(page), ['s1', 's1 (visit 2)']);
  await page.getByRole('link', { name: 's1 (visit 2)' }).click();
  await page.locator('.board > ol > li').first().waitFor();
  assert.equal(await page.locator('.board > ol > li').count(), 1);
  await show(page, 'Anomalies');
  await page.getByRole('button', { name: 'Put them together again' }).click();
  await waitForResults(page);
  await show(page, 'Sessions');
  await page.locator('.session-table tbody tr').first().waitFor();
  assert.deepEqual(await sessionIds(page), ['s1']);
  assert.deepEqual(problems, []);
});

test('repaired records can be left out where they are listed, which says what it changes', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const damaged = line({ session_id: 's2', user_id: 'u2', event_time: null, text: 'TV 55\\",",2025-02-06 09:55:15"' });
  await openFile(page, await temporaryFile(t, 'damaged.jsonl', `${line()}\n${line({ text: 'Other' })}\n${damaged}\n`));
  await show(page, 'Data');
  const box = page.getByRole('checkbox', { name: 'Count repaired records' });
  assert.equal(await box.isChecked(), true);
  await box.focus();
  await page.keyboard.press('Space');
  await page.getByText('Now 2 events instead of 3, 1 session instead of 2 and 1 user instead of 2.').waitFor();
  assert.equal(await box.isChecked(), false);
  await page.waitForFunction(() => document.activeElement.id === 'count-repaired');
  assert.deepEqual(readAddress(page).settings, { salvage: false });
  await page.keyboard.press('Space');
  await page.getByText('Now 3 events instead of 2, 2 sessions instead of 1 and 2 users instead of 1.').waitFor();
  assert.deepEqual(problems, []);
});
