// Whether everybody can read what a page shows: axe, and nothing that overflows or is cut off.

import assert from 'node:assert/strict';

import { axeSource } from './support.mjs';

const SIZES = [
  { width: 1440, height: 900 }, { width: 1024, height: 768 }, { width: 768, height: 1024 }, { width: 390, height: 844 },
  { width: 360, height: 780 },
];

/** Light and dark, on a desk and on telephones. `layout`: also that nothing overflows or is cut off. */
export async function assertAccessible(page, where = '', { layout = true } = {}) {
  await page.evaluate(axeSource());
  const violations = new Set();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      // What follows the window's width does so with the next frame.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      // Colours on their way from light to dark are not what is to be read. What is no longer shown breaks off.
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
      const found = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
      for (const { id, impact, nodes } of found.violations) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        const [node] = nodes;
        const at = `at ${nodes.length} places, first ${node.target}`;
        violations.add(`${colorScheme} ${size.width}: ${impact} ${id} ${at}: ${node.failureSummary}`);
      }
    }
  }
  assert.deepEqual([...violations], [], where);
  if (layout) assert.deepEqual(await faultsOfLayout(page), [], where);
}

/** What overflows the page, sticks out of it, or is cut off, at each width. */
export async function faultsOfLayout(page) {
  const found = [];
  for (const size of SIZES.toReversed()) {
    await page.setViewportSize(size);
    // Charts follow the window's width.
    await page.waitForTimeout(50);
    const faults = await page.evaluate(inspectLayout);
    found.push(...faults.map((fault) => `at ${size.width}: ${fault}`));
  }
  return found;
}

/** Runs in the page. */
function inspectLayout() {
  const faults = new Set();
  const name = (element) =>
    `${[element.tagName.toLowerCase(), ...element.classList].join('.')} “${element.textContent.trim().slice(0, 40)}”`;
  const scrolls = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  const isInScroller = (element) => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
      if (scrolls(up)) return true;
    }
    return false;
  };
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) faults.add(`the page is ${scrollWidth} pixels wide`);
  for (const element of document.querySelectorAll('body *')) {
    // What is hidden from the eye cannot be cut off.
    if (element.closest('.visually-hidden, .skip, svg, option')) continue;
    const box = element.getBoundingClientRect();
    if (box.width === 0 || !element.checkVisibility()) continue;
    if (box.right > innerWidth + 1 && !isInScroller(element)) faults.add(`${name(element)} sticks out`);
    // A field shows what fits of its text.
    if (element.closest('input, select')) continue;
    const hides = ['hidden', 'clip'].includes(getComputedStyle(element).overflowX);
    if (hides && element.scrollWidth > element.clientWidth + 1) faults.add(`${name(element)} is cut off`);
  }
  return [...faults].slice(0, 8);
}

/** The texts of a chart that reach beyond its canvas. */
export async function textsCutInChart(page, id) {
  return page.evaluate((id) => {
    const chart = window.echarts.getInstanceByDom(document.getElementById(id));
    const zr = chart.getZr();
    return zr.storage.getDisplayList(true).flatMap((shape) => {
      if (shape.type !== 'tspan' || shape.invisible || !shape.style.text) return [];
      const box = shape.getBoundingRect().clone();
      const transform = shape.getComputedTransform();
      if (transform) box.applyTransform(transform);
      return box.x < -1 || box.x + box.width > zr.getWidth() + 1 ? [shape.style.text] : [];
    });
  }, id);
}
