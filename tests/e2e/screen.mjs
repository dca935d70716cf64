// What the tests of the views share: how to get about on the screen, and what it shows.

import assert from 'node:assert/strict';

/** The views, as the navigation names them. */
export const VIEWS = ['Findings', 'Flows', 'Funnel', 'Anomalies', 'Sessions', 'Compare', 'Data', 'Settings', 'Method'];

/** The link to a view. */
export function viewLink(page, view) {
  return page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: new RegExp(`^${view}`) });
}

/** Goes to a view with the mouse, and waits until its heading is there and new results are in. */
export async function show(page, view) {
  await viewLink(page, view).click();
  await waitForView(page, view);
}

/** Waits for a view. */
export async function waitForView(page, view) {
  await page.waitForFunction((view) => {
    const current = document.querySelector('nav.views a[aria-current=page]');
    return current?.firstChild.data === view && document.querySelector('main h1');
  }, view);
  await waitForResults(page);
}

/** Waits until results of changed settings have come. */
export async function waitForResults(page) {
  await page.waitForFunction(() => document.querySelector('.app > [role=status]').textContent === '');
}

/** Types into a field and leaves it; waits for the results. */
export async function setField(page, label, text) {
  const field = page.getByLabel(label, { exact: true });
  await field.fill(text);
  await field.blur();
  await waitForResults(page);
  return field;
}

/** What the address says behind `#`: the view, and each of its parts. */
export function readAddress(page) {
  const [view, query = ''] = new URL(page.url()).hash.slice(1).split('?');
  const get = (name) => new URLSearchParams(query).get(name);
  const [filter, settings] = ['filter', 'settings'].map((name) => JSON.parse(get(name) ?? 'null'));
  return { view, filter, settings, user: get('user'), session: get('session') };
}

/** The cells of the rows of the table whose caption begins so. */
export async function tableRows(page, caption) {
  const table = page.locator('table', { has: page.locator('caption', { hasText: new RegExp(`^${caption}`) }) });
  return table.locator('tbody tr').evaluateAll((rows) =>
    rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
}

/** The whole ids in the table of sessions, in its order. */
export function sessionIds(page) {
  return page.locator('.session-table tbody .id a').evaluateAll((links) => links.map((link) => link.title));
}

/** How many sessions the table of sessions says fit. */
export async function sessionsThatFit(page) {
  const text = await page.locator('.search [role=status]').innerText();
  assert.match(text, /^[\d,]+( of [\d,]+)? sessions?$/);
  return Number(text.split(' ')[0].replaceAll(',', ''));
}

/** Waits until the table of sessions says that so many fit, and has their rows. */
export async function waitForFit(page, count) {
  const says = new RegExp(`^${count.toLocaleString('en')}( of [\\d,]+)? sessions?$`);
  await page.locator('.search [role=status]', { hasText: says }).waitFor({ timeout: 5_000 });
  if (count > 50) return;
  await page.waitForFunction((count) => document.querySelectorAll('.session-table .id').length === count, count);
}

/** Shows more until a view shows all rows it has, and opens what can be opened. */
export async function showAll(page) {
  const more = page.getByRole('button', { name: /^Show [\d,]+ more$/, includeHidden: true });
  while ((await more.count()) > 0) await more.first().evaluate((button) => button.click());
  await page.locator('details:not([open]) > summary').evaluateAll((all) => all.forEach((one) => one.click()));
}

/** A chart that is drawn, in sight and at rest. */
export async function chartAtRest(page, id) {
  const chart = page.locator(`#${id}`);
  await chart.locator('canvas').waitFor();
  await chart.scrollIntoViewIfNeeded();
  await page.waitForFunction((id) => {
    const chart = window.echarts.getInstanceByDom(document.getElementById(id));
    return chart?.getZr().animation.isFinished();
  }, id);
  return chart;
}

/** Where a point of a chart with two axes lies, in pixels from the chart's corner. */
export async function barAt(page, id, point) {
  await chartAtRest(page, id);
  return page.evaluate(([id, point]) =>
    window.echarts.getInstanceByDom(document.getElementById(id)).convertToPixel({ gridIndex: 0 }, point), [id, point]);
}

/** Clicks a chart with the mouse; what the chart says was hit: its value, and the kind of thing. */
export async function clickChart(page, id, [x, y]) {
  const chart = await chartAtRest(page, id);
  await page.evaluate((id) => {
    const chart = window.echarts.getInstanceByDom(document.getElementById(id));
    window.hit = null;
    chart.on('click', ({ value, dataType, dataIndex, seriesName }) => {
      window.hit = { value, dataType, dataIndex, seriesName };
    });
  }, id);
  await chart.click({ position: { x, y } });
  const hit = await page.evaluate(() => window.hit);
  assert.ok(hit, `nothing of ${id} is at ${x}, ${y}`);
  return hit;
}
