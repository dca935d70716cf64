// Trunk runs this after each build (see Trunk.toml), before the files move to dist/. Two things Trunk leaves open:
//
// 1. It hashes the names of the page's own files, but not those of the worker and of copied files, so that
//    a browser could pair a cached worker with a newer page. Here they get their hash, and the page reads their
//    names from <meta name="footpath-assets">.
// 2. The content security policy allows no inline script except by its hash, and Trunk writes an inline script
//    to start the page.

import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const ASSETS_META = '<meta name="footpath-assets" content="">';
const CSP_META = '<meta http-equiv="Content-Security-Policy"';
const CSP_PLACEHOLDER = "'sha256-of-inline-scripts'";

const site = process.env.TRUNK_STAGING_DIR;
const indexFile = path.join(site, 'index.html');

const assets = {
  worker_js: await hashName('worker.js', '.js'),
  worker_wasm: await hashName('worker_bg.wasm', '.wasm'),
  echarts: await hashName('echarts.min.js', '.min.js'),
};
// Trunk's loader for workers names the files as they were; the page starts its workers itself.
await rm(path.join(site, 'worker_loader.js'), { force: true });

let html = await readFile(indexFile, 'utf8');
html = replaceOnce(html, ASSETS_META, `<meta name="footpath-assets" content='${JSON.stringify(assets)}'>`);
const scripts = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];
const inline = scripts.filter(([, attributes]) => !/\ssrc\s*=/.test(attributes));
const hashes = inline.map(([, , text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
html = replaceOnce(html, CSP_PLACEHOLDER, hashes.join(' '));
// A policy does not apply to what stands before it.
if (html.indexOf(CSP_META) < 0 || scripts.some((script) => script.index < html.indexOf(CSP_META))) {
  throw new Error('index.html: the content security policy must stand before every script');
}
await writeFile(indexFile, html);

/** Renames a file of the site to carry the hash of its content, and returns the new name. */
async function hashName(name, extension) {
  const content = await readFile(path.join(site, name));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const hashed = `${name.slice(0, -extension.length)}-${hash}${extension}`;
  await rename(path.join(site, name), path.join(site, hashed));
  return hashed;
}

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`index.html: expected exactly one ${from}`);
  return text.replace(from, () => to);
}
