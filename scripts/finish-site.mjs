// Trunk runs this after each build (see Trunk.toml), before the files move to dist/. What Trunk leaves open:
//
// 1. It would optimise the WebAssembly files one after the other, each time anew, although that takes minutes. Here
//    all are optimised at once, and what was optimised before is kept in target/.
// 2. It hashes the names of the page's own files, but not those of the worker and of copied files, so that
//    a browser could pair a cached worker with a newer page. Here they get their hash, and the page reads their
//    names from <meta name="footpath-assets">.
// 3. Its minifier breaks newer JavaScript. Here scripts and styles are minified by esbuild.
// 4. The content security policy allows no inline script except by its hash, and Trunk writes an inline script
//    to start the page.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { transform } from 'esbuild';

// What browsers have had for years, and what the compiler assumes.
const WASM_FEATURES = [
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
  '--enable-simd',
];
// wasm-opt would put every function that is called in one place only into its caller. Some become so large by it that
// a browser compiles for seconds to make them fast.
const inlining = (largest) => ['--one-caller-inline-max-function-size', String(largest)];
// Functions with like names are alike, and side by side they compress better: by 3 % of the page.
const ORDER = ['--reorder-functions-by-name'];
// Names of functions, for whoever looks at a profile (docs/performance.md).
const NAMES = process.env.FOOTPATH_NAMES ? ['-g'] : [];
const KEPT_OPTIMISED = 12;
// Compressed as hosts do it (docs/performance.md).
const FIRST_LOAD_BYTES = 500e3;

const ASSETS_META = '<meta name="footpath-assets" content="">';
const CSP_META = '<meta http-equiv="Content-Security-Policy"';
const CSP_PLACEHOLDER = "'sha256-of-inline-scripts'";

const site = process.env.TRUNK_STAGING_DIR;
const indexFile = path.join(site, 'index.html');

const appWasm = (await readdir(site)).find((name) => /^app-.*\.wasm$/.test(name));
// The page as small as it goes, the worker as fast.
// The page is made small, the workers fast.
await Promise.all([optimise(appWasm, '-Os', 50), optimise('worker_bg.wasm', '-O3'), optimise('columns_bg.wasm', '-O3')]);

for (const name of (await readdir(site)).filter((name) => /^(app|worker|columns)[-.\w]*\.js$|\.css$/.test(name))) {
  await minify(path.join(site, name), name.endsWith('.css') ? 'css' : 'js');
}

const assets = {
  worker_js: await hashName('worker.js', '.js'),
  worker_wasm: await hashName('worker_bg.wasm', '.wasm'),
  columns_js: await hashName('columns.js', '.js'),
  columns_wasm: await hashName('columns_bg.wasm', '.wasm'),
  echarts: await hashName('echarts.min.js', '.min.js'),
};
// Trunk's loader for workers names the files as they were; the page starts its workers itself.
for (const name of ['worker', 'columns']) await rm(path.join(site, `${name}_loader.js`), { force: true });

let html = await readFile(indexFile, 'utf8');
await weigh(['index.html', ...(await readdir(site)).filter((name) => /\.css$|^app-/.test(name))]);
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

/** Optimises a file of the site, unless the same was done before. */
async function optimise(name, level, largestInlined = 500) {
  const how = [level, ...NAMES, ...inlining(largestInlined), ...ORDER, ...WASM_FEATURES];
  const file = path.join(site, name);
  const tools = await readFile(new URL('package-lock.json', import.meta.url));
  const key = createHash('sha256').update(tools).update(how.join(' ')).update(await readFile(file));
  const folder = path.join(process.env.CARGO_TARGET_DIR ?? path.join(process.env.TRUNK_SOURCE_DIR, 'target'), 'optimised');
  const kept = path.join(folder, `${key.digest('hex').slice(0, 32)}.wasm`);
  await mkdir(folder, { recursive: true });
  try {
    await utimes(kept, new Date(), new Date());
  } catch {
    await promisify(execFile)('wasm-opt', [...how, '--output', `${kept}.new`, file]);
    await rename(`${kept}.new`, kept);
  }
  await copyFile(kept, file);
  const all = await Promise.all((await readdir(folder)).map(async (other) => [path.join(folder, other), (await stat(path.join(folder, other))).mtimeMs]));
  const old = all.sort((a, b) => b[1] - a[1]).slice(KEPT_OPTIMISED);
  await Promise.all(old.map(([other]) => rm(other, { force: true })));
}

async function minify(file, loader) {
  const { code } = await transform(await readFile(file, 'utf8'), { loader, minify: true, charset: 'utf8' });
  await writeFile(file, code);
}

/** Renames a file of the site to carry the hash of its content, and returns the new name. */
async function hashName(name, extension) {
  const content = await readFile(path.join(site, name));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  const hashed = `${name.slice(0, -extension.length)}-${hash}${extension}`;
  await rename(path.join(site, name), path.join(site, hashed));
  return hashed;
}

/** Prints the weight of what the opening page fetches, and stops the build where it has grown too heavy. */
async function weigh(names) {
  let sum = 0;
  for (const name of [...names, assets.worker_js, assets.worker_wasm, assets.columns_js, assets.columns_wasm]) {
    const bytes = gzipSync(await readFile(path.join(site, name)), { level: 9 }).length;
    console.log(`${(bytes / 1000).toFixed(1).padStart(8)} KB gzip  ${name}`);
    if (names.includes(name)) sum += bytes;
  }
  console.log(`${(sum / 1000).toFixed(1).padStart(8)} KB gzip  all that the opening page fetches before it can be used`);
  if (sum > FIRST_LOAD_BYTES && !NAMES.length) {
    throw new Error(`the opening page weighs ${sum} bytes, more than ${FIRST_LOAD_BYTES}`);
  }
}

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`index.html: expected exactly one ${from}`);
  return text.replace(from, () => to);
}
