// A small static file server for the built site, for people (scripts/serve) and for the browser tests.
// Usage: node scripts/server.mjs ROOT [--port N] [--base /some/sub/path/] [--cors]

import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HOST = '127.0.0.1';
const PORTS_TO_TRY = 100;

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.gz': 'application/gzip',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'application/x-ndjson; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.ndjson': 'application/x-ndjson; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.zst': 'application/zstd',
};

const CORS_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range',
};

/**
 * Serves the files under `root` at `base`.
 * Port 0 takes any free port; another port that is taken gives way to the next free one.
 * Resolves to `{ origin, url, close }`.
 */
export async function serve({ root, port = 0, base = '/', cors = false }) {
  const realRoot = await realpath(root);
  const prefix = `/${base}/`.replace(/\/{2,}/g, '/');
  const server = createServer((request, response) => {
    answer(request, response, { root: realRoot, prefix, cors }).catch(() => {
      // The reader went away, or the file did: there is nobody left to tell, or no way to.
      if (response.headersSent) response.destroy();
      else finish(response, 500, 'Internal server error');
    });
  });
  await listen(server, port);
  const origin = `http://${HOST}:${server.address().port}`;
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { origin, url: origin + prefix, close };
}

async function listen(server, port) {
  const last = port === 0 ? 0 : Math.min(port + PORTS_TO_TRY, 65535);
  for (let candidate = port; ; candidate += 1) {
    try {
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(candidate, HOST, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || candidate >= last) throw error;
    }
  }
}

async function answer(request, response, { root, prefix, cors }) {
  if (cors) for (const [name, value] of Object.entries(CORS_HEADERS)) response.setHeader(name, value);
  if (cors && request.method === 'OPTIONS') return finish(response, 204, '');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return finish(response, 405, 'Method not allowed');
  }

  const rawPath = request.url.split('?', 1)[0];
  if (`${rawPath}/` === prefix) return redirect(response, prefix);
  if (!rawPath.startsWith(prefix)) return finish(response, 404, 'Not found');
  const found = await find(root, rawPath.slice(prefix.length));
  if (found === undefined) return finish(response, 404, 'Not found');
  if (found === 'directory') return redirect(response, `${rawPath}/`.replace(/^\/+/, '/'));

  response.setHeader('Content-Type', TYPES[path.extname(found.file).toLowerCase()] ?? 'application/octet-stream');
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Accept-Ranges', 'bytes');
  const range = parseRange(request.headers.range, found.size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${found.size}`);
    return finish(response, 416, 'Range not satisfiable');
  }
  const { start, end } = range ?? { start: 0, end: found.size - 1 };
  if (range) response.setHeader('Content-Range', `bytes ${start}-${end}/${found.size}`);
  response.setHeader('Content-Length', end - start + 1);
  response.writeHead(range ? 206 : 200);
  if (request.method === 'HEAD' || found.size === 0) return response.end();
  await pipeline(createReadStream(found.file, { start, end }), response);
}

/** The file behind a path, `'directory'` for a folder named without its slash, or nothing. */
async function find(root, rawPath) {
  try {
    const relative = decodeURIComponent(rawPath);
    // The real path decides, so that neither `..` nor a link leads out of the root.
    let file = await realpath(path.join(root, relative));
    if (file !== root && !file.startsWith(root + path.sep)) return undefined;
    let status = await stat(file);
    if (status.isDirectory()) {
      if (relative !== '' && !relative.endsWith('/')) return 'directory';
      file = path.join(file, 'index.html');
      status = await stat(file);
    }
    return status.isFile() ? { file, size: status.size } : undefined;
  } catch {
    return undefined;
  }
}

/** One byte range as `{ start, end }`, both inclusive; nothing for what may be answered in full. */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}

function redirect(response, location) {
  response.setHeader('Location', location);
  finish(response, 301, '');
}

function finish(response, code, text) {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.writeHead(code);
  response.end(text);
}

if (process.argv[1] && (await realpath(process.argv[1])) === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8080' },
      base: { type: 'string', default: '/' },
      cors: { type: 'boolean', default: false },
    },
  });
  const { url } = await serve({ root: positionals[0] ?? 'dist', port: Number(values.port), base: values.base, cors: values.cors });
  console.log(`Footpath is served at ${url}`);
}
