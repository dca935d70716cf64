// Every number that stands for sessions opens them, and what is on the screen is what the command line says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { show, showAll, tableRows, waitForFit } from './screen.mjs';
import { analyse, demoFile, needsReference, openFile, openSite, referenceFile } from './support.mjs';

const timeout = 60_000;
const n = (number) => number.toLocaleString('en');

/** A time of the document as tables write it: `6 Feb 2025, 09:00`, with seconds where there are any. */
function moment(iso) {
  const [date, clock] = iso.split('T');
  const month = new Date(`${date}T00:00:00Z`).toLocaleString('en', { month: 'short', timeZone: 'UTC' });
  const day = `${Number(date.slice(8))}\u00a0${month}\u00a0${date.slice(0, 4)}`;
  return `${day},\u00a0${clock.slice(0, 8).replace(/:00$/, '')}`;
}

test('every number of the reference file opens as many sessions', needsReference({ timeout }), async (t) => {
  await assertNumbersOpen(t, referenceFile());
});

test('every number of a generated file opens as many sessions', { timeout }, async (t) => {
  await assertNumbersOpen(t, await demoFile(t, 300, '--plant'));
});

test('the figures of the reference file are those of the command line', needsReference({ timeout }), async (t) => {
  await assertFigures(t, referenceFile());
});

test('the figures of a generated file are those of the command line', { timeout }, async (t) => {
  await assertFigures(t, await demoFile(t, 2_000, '--plant'));
});

/** Goes by the address of each number, as a click does, and compares the number with the sessions that fit. */
async function assertNumbersOpen(t, file) {
  const { page, problems } = await openSite(t);
  await openFile(page, file);
  for (const view of ['Flows', 'Funnel', 'Anomalies', 'Data']) {
    await show(page, view);
    await showAll(page);
    const links = await page.locator('a.count').evaluateAll((links) =>
      links.map((link) => ({ hash: link.getAttribute('href'), number: link.textContent })));
    assert.ok(links.length > 3, view);
    const wrong = await page.evaluate(async (links) => {
      const fit = () => document.querySelector('.search [role=status]')?.textContent ?? '';
      const until = async (holds) => {
        for (let waited = 0; waited < 3000 && !holds(); waited += 5) await new Promise((done) => setTimeout(done, 5));
      };
      const wrong = [];
      for (const { hash, number } of links) {
        // In between, nothing fits, so that a number is not left over from the link before.
        location.hash = `#sessions?filter=${encodeURIComponent('{"of":"entry","page":"nowhere"}')}`;
        await until(() => fit().startsWith('0 '));
        location.hash = hash;
        await until(() => fit() && !fit().startsWith('0 '));
        if (fit().split(' ')[0] !== number) wrong.push(`${decodeURIComponent(hash)}: ${number}, but ${fit()}`);
      }
      return wrong;
    }, links);
    assert.deepEqual(wrong, [], view);
    t.diagnostic(`${view}: ${links.length} numbers`);
  }
  assert.deepEqual(problems, []);
}

async function assertFigures(t, file) {
  const { page, problems } = await openSite(t);
  await openFile(page, file);
  const { flows, funnel, findings, classes, totals, source, timeline, templates, quality, pages } = analyse(file);
  const ROWS = 20;
  await show(page, 'Flows');
  await showAll(page);
  const listed = (await tableRows(page, 'Flows, repeated')).filter((cells) => cells.length === 3);
  const expected = flows.map((flow) => [flow.name + flow.title, n(flow.sessions), n(flow.converted)]);
  assert.ok(listed.length >= Math.min(ROWS, flows.length));
  assert.deepEqual(listed, expected.slice(0, listed.length));
  const ofPages = (await tableRows(page, 'Dwell is')).filter((cells) => cells.length === 7);
  const rows = pages.map((page) => [page.page, n(page.sessions), n(page.events), n(page.error_sessions)]);
  assert.deepEqual(ofPages.map((cells) => [cells[0], cells[1], cells[2], cells[5]]), rows.slice(0, ofPages.length));

  await show(page, 'Funnel');
  const steps = (await tableRows(page, 'The steps in order')).map((cells) => cells.slice(0, 3));
  assert.deepEqual(steps, funnel.steps.map((step, at) => [step.name, n(step.sessions), at ? n(step.lost) : '']));

  await show(page, 'Anomalies');
  const of = (slug) => findings.filter((finding) => finding.class === slug).map((finding) => finding.title);
  for (const { class: slug, closest } of classes) {
    const section = page.locator(`section.class[data-class=${slug}]`);
    if ((await section.count()) === 0) continue;
    assert.deepEqual(await section.locator('article.finding h3').allTextContents(), of(slug), slug);
    if (closest) assert.equal(await section.locator('.closest').innerText(), closest);
  }
  assert.ok((await page.locator('section.class').count()) >= 8);

  await show(page, 'Data');
  await showAll(page);
  // What there is none of is not mentioned.
  const some = (count, one, many) => (count > 0 ? [`${n(count)} ${count === 1 ? one : many}`] : []);
  const parts = [
    ...some(totals.events, 'event', 'events'), ...some(totals.rejected, 'rejected', 'rejected'),
    ...some(totals.duplicates, 'duplicate', 'duplicates'), ...some(totals.blank, 'blank', 'blank'),
  ];
  const repaired = some(totals.salvaged, 'event was repaired.', 'events were repaired.');
  const lede = [`${n(source.lines)} lines = ${parts.join(' + ')}.`, ...repaired].join(' ');
  assert.equal(await page.locator('.lede').innerText(), lede);
  const over = await tableRows(page, 'Events over time');
  assert.deepEqual(over, timeline.bins.map((bin) =>
    [moment(bin.from), n(bin.events), n(bin.error_events), n(bin.sessions), n(bin.converted)]));
  const folded = (await tableRows(page, 'Pages that stand')).map((cells) => cells.slice(0, 2));
  assert.deepEqual(folded, templates.map((template) => [template.page, n(template.paths)]));
  const rejected = await tableRows(page, 'Rejected lines');
  const lines = quality.rejected_lines.map(({ line, reason }) => [`Line ${n(line)}`, reason]);
  assert.deepEqual(rejected, lines.slice(0, rejected.length));
  await show(page, 'Sessions');
  await waitForFit(page, totals.sessions);
  assert.deepEqual(problems, []);
}
