// Every chart can be clicked, and the table of sessions can be searched and sorted.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { barAt, chartAtRest, clickChart, readAddress, sessionIds, show, tableRows, waitForFit, waitForView } from './screen.mjs';
import { analyse, demoFile, needsReference, openFile, openSite, referenceFile } from './support.mjs';

const timeout = 60_000;

test('a click on a chart opens the sessions behind it', { timeout }, async (t) => {
  const { page, problems } = await openSite(t);
  const file = await demoFile(t, 300);
  await openFile(page, file);
  const document = analyse(file);
  const filterAfter = async () => {
    await waitForView(page, 'Sessions');
    await page.locator('.in-force').waitFor();
    return readAddress(page).filter;
  };

  await show(page, 'Flows');
  const { node, band } = await sankeyPoints(page);
  let hit = await clickChart(page, 'flows-chart', node);
  assert.equal(hit.dataType, 'node');
  let filter = await filterAfter();
  assert.deepEqual([filter.of, filter.to], ['flow_step', null]);
  await waitForFit(page, hit.value);
  await page.goBack();
  hit = await clickChart(page, 'flows-chart', band);
  assert.equal(hit.dataType, 'edge');
  filter = await filterAfter();
  const link = document.flow_steps.links[hit.dataIndex];
  assert.deepEqual(filter, { of: 'flow_step', step: link.step, from: link.from, to: link.to });
  await waitForFit(page, link.sessions);

  for (const [id, of, bins] of [['gaps-chart', 'gap', document.gaps], ['durations-chart', 'duration', document.durations]]) {
    await show(page, 'Anomalies');
    const index = bins.findIndex((bin) => bin.count === Math.max(...bins.map((bin) => bin.count)));
    hit = await clickChart(page, id, await barAt(page, id, [index, bins[index].count / 2]));
    assert.equal((await filterAfter()).of, of);
    if (of === 'duration') await waitForFit(page, bins[index].count);
  }

  await show(page, 'Data');
  const { bins } = document.timeline;
  const index = bins.findIndex((bin) => bin.sessions === Math.max(...bins.map((bin) => bin.sessions)));
  const height = (bins[index].events - bins[index].error_events) / 2;
  await clickChart(page, 'timeline-chart', await barAt(page, 'timeline-chart', [index, height]));
  const { from_us, to_us } = bins[index];
  assert.deepEqual(await filterAfter(), { of: 'during', from_us, to_us });
  const records = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line));
  const inBar = ({ event_time: time }) => {
    const us = Date.parse(`${time}Z`) * 1000;
    return us >= from_us && us < to_us;
  };
  await waitForFit(page, new Set(records.filter(inBar).map((record) => record.session_id)).size);
  assert.deepEqual(problems, []);
});

test('a click on the bar of those who reached a step opens them', {
  timeout,
}, async (t) => {
  const { page } = await openSite(t);
  const file = await demoFile(t, 300);
  await openFile(page, file);
  const last = analyse(file).funnel.steps.at(-1);
  await show(page, 'Funnel');
  await clickChart(page, 'funnel-chart', await barAt(page, 'funnel-chart', [last.sessions / 2, 0]));
  await waitForView(page, 'Sessions');
  assert.equal(readAddress(page).filter.of, 'reached');
});

test('sessions are sorted by each head and found by id, user, path and text', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  await show(page, 'Sessions');
  const sessions = await sessionsOf(referenceFile());
  await waitForFit(page, sessions.length);
  const shown = async () => {
    const ids = await sessionIds(page);
    return (await tableRows(page, 'A session’s id opens it')).map(([, start, , events, errors], index) => ({
      id: ids[index], start, events: Number(events), errors: Number(errors),
    }));
  };
  const durations = await shownDurations(page);
  for (const session of sessions) assert.equal(durations.get(session.id), session.seconds, session.id);
  const errors = (await shown()).reduce((sum, row) => sum + row.errors, 0);
  const { timeline } = analyse(referenceFile());
  assert.equal(errors, timeline.bins.reduce((sum, bin) => sum + bin.error_events, 0));

  const keys = {
    Start: (row) => row.start, Events: (row) => row.events, Errors: (row) => row.errors,
    Duration: (row, by) => by.get(row.id),
  };
  for (const [head, key] of Object.entries(keys)) {
    const column = page.getByRole('columnheader', { name: head });
    for (let press = 0; press < 2; press += 1) {
      await column.getByRole('button').click();
      const order = await column.getAttribute('aria-sort');
      await page.waitForTimeout(150);
      const values = (await shown()).map((row) => key(row, durations));
      const expected = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      assert.deepEqual(values, order === 'ascending' ? expected : expected.toReversed(), `${head} ${order}`);
    }
  }

  const { id, user } = sessions[3];
  const searches = [
    [id.slice(2, 20).toUpperCase(), ({ id: own, user }) => `${own} ${user}`.includes(id.slice(2, 20))],
    [user, (session) => session.user === user],
    ['/FAQ', (session) => session.events.some((event) => event.path.includes('/faq') || event.text.includes('/faq'))],
    ['payment declined', (session) => session.events.some((event) => /payment declined/i.test(event.text))],
    ['select.lang', (session) => session.events.some((event) => event.css.includes('select.lang'))],
    ['no such thing', () => false],
  ];
  for (const [search, fits] of searches) {
    await page.getByRole('searchbox', { name: 'Search' }).fill(search);
    const expected = sessions.filter(fits).map((session) => session.id);
    await waitForFit(page, expected.length);
    assert.deepEqual((await sessionIds(page)).sort(), expected.sort(), search);
  }
  await page.getByText('No session holds “no such thing”.').waitFor();
  await page.getByRole('button', { name: 'Clear search' }).click();
  assert.equal(await page.getByRole('searchbox', { name: 'Search' }).inputValue(), '');
  await waitForFit(page, sessions.length);

  await page.locator('.session-table').locator(`a[title="${id}"]`).click();
  await page.locator('.board > ol > li').first().waitFor();
  assert.equal(await page.locator('.board > ol > li').count(), sessions[3].events.length);
  await page.getByRole('link', { name: 'Back to the table' }).click();
  await waitForFit(page, sessions.length);
  assert.deepEqual(problems, []);
});

test('a session leads to those before and after it in the table', needsReference({ timeout }), async (t) => {
  const { page, problems } = await openSite(t);
  await openFile(page, referenceFile());
  await show(page, 'Sessions');
  await page.getByRole('searchbox', { name: 'Search' }).fill('/checkout');
  await page.getByRole('button', { name: 'Events' }).click();
  await page.locator('th[aria-sort=descending]', { hasText: 'Events' }).waitFor();
  await page.waitForTimeout(300);
  const ids = await sessionIds(page);
  assert.ok(ids.length > 2);
  const [previous, next] = ['Previous session', 'Next session'].map((name) => page.getByRole('link', { name }));
  const open = (id) => page.locator('.ids', { hasText: id }).waitFor();

  await page.locator('.session-table tbody .id a').first().click();
  await open(ids[0]);
  await page.getByText(`1 of ${ids.length} in the table`).waitFor();
  assert.equal(await previous.count(), 0);
  await next.focus();
  await page.keyboard.press('Enter');
  await open(ids[1]);
  await next.click();
  await open(ids[2]);
  await previous.click();
  await open(ids[1]);
  await page.goBack();
  await open(ids[2]);

  // The table is as it was left.
  await page.getByRole('link', { name: 'Back to the table' }).click();
  await waitForFit(page, ids.length);
  assert.deepEqual(await sessionIds(page), ids);

  // After a reload the table is known, in its first order.
  await page.locator('.session-table tbody .id a').last().click();
  await open(ids.at(-1));
  assert.equal(await next.count(), 0);
  await page.reload();
  await openFile(page, referenceFile());
  await open(ids.at(-1));
  await page.locator('.board > ol > li').first().waitFor();
  await page.getByText(`of ${ids.length} in the table`).waitFor();
  await page.getByRole('link', { name: 'Back to the table' }).click();
  await waitForFit(page, ids.length);
  const first = await sessionIds(page);
  await page.goBack();
  await open(ids.at(-1));
  await page.getByText(`${first.indexOf(ids.at(-1)) + 1} of ${ids.length} in the table`).waitFor();
  assert.deepEqual(problems, []);
});

/** The sessions of an events file, each with its events. */
async function sessionsOf(file) {
  const sessions = new Map();
  for (const text of (await readFile(file, 'utf8')).split('\n').filter(Boolean)) {
    const event = JSON.parse(text);
    // The record whose time slipped into its text.
    event.event_time ??= text.match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)[0];
    const { session_id: id, user_id: user } = event;
    const session = sessions.get(id) ?? { id, user, events: [] };
    session.events.push(event);
    sessions.set(id, session);
  }
  for (const session of sessions.values()) {
    const times = session.events.map((event) => Date.parse(`${event.event_time.replace(' ', 'T')}Z`));
    session.seconds = (Math.max(...times) - Math.min(...times)) / 1000;
  }
  return [...sessions.values()];
}

/** The durations in the table, in seconds, by the sessions' ids. */
async function shownDurations(page) {
  const seconds = (text) => {
    const [, minutes = 0, rest = 0] = text.match(/^(?:(\d+)\smin)?\s?(?:([\d.]+)\ss)?$/);
    return Number(minutes) * 60 + Number(rest);
  };
  const ids = await sessionIds(page);
  const rows = await tableRows(page, 'A session’s id opens it');
  return new Map(rows.map((cells, index) => [ids[index], seconds(cells[2])]));
}

/** The middle of the largest node and band of the Sankey chart. */
async function sankeyPoints(page) {
  await chartAtRest(page, 'flows-chart');
  return page.evaluate(() => {
    const chart = window.echarts.getInstanceByDom(document.getElementById('flows-chart'));
    const series = chart.getModel().getSeriesByIndex(0);
    const { x: left, y: top } = series.layoutInfo;
    const most = (all, size) => all.reduce((best, one) => (size(one) > size(best) ? one : best));
    const graph = series.getGraph();
    const node = most(graph.nodes, (node) => node.getLayout().dy).getLayout();
    const edge = most(graph.edges, (edge) => edge.getLayout().dy);
    const [from, to, at] = [edge.node1.getLayout(), edge.node2.getLayout(), edge.getLayout()];
    return {
      node: [left + node.x + node.dx / 2, top + node.y + node.dy / 2],
      band: [
        left + (from.x + from.dx + to.x) / 2,
        top + (from.y + at.sy + to.y + at.ty) / 2 + at.dy / 2,
      ],
    };
  });
}
