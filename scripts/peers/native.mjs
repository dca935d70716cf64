// Native DuckDB, two threads: node native.mjs EVENTS.jsonl. Prints seconds until loaded and until all is answered.

import { DuckDBInstance } from '@duckdb/node-api';

import { load, questions } from './questions.mjs';

const file = process.argv[2].replaceAll("'", "''");
const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
const start = performance.now();
const seconds = () => Math.round(performance.now() - start) / 1e3;
await connection.run(
  load((types) => `read_json('${file}', format = 'newline_delimited', ignore_errors = true, columns = ${types})`),
);
const loaded = seconds();
let rows = 0;
for (const question of questions) rows += (await connection.runAndReadAll(question)).currentRowCount;
console.log(JSON.stringify({ loaded, total: seconds(), rows }));
