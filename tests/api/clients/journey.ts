// A whole journey with openapi-fetch, and the types that openapi-typescript makes from docs/openapi.yaml.
// `test_generated_clients.py` compiles it strictly and runs it. The last line that it prints is JSON: what it saw.
// `journey.py` makes the same journey.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Allocation = components["schemas"]["Allocation"];
type Problem = components["schemas"]["Problem"];
type Upload = components["schemas"]["UploadDetail"];

const HEADINGS = "financial_year,organisation,stream,basis,amount,recurrence,note";
const ENDS: Upload["state"][] = ["refused", "ready", "awaiting_second_person"];

const baseUrl = process.env["SITE"] ?? "";
const withKey = (key: string | undefined) =>
  createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key ?? ""}` } });
const anybody = createClient<paths>({ baseUrl });
const officer = withKey(process.env["KEY"]);
const approver = withKey(process.env["APPROVER_KEY"]);

/** The data of a response, which must be a success. */
function data<T>(answer: { data?: T; error?: Problem }): T {
  assert.equal(answer.error, undefined, JSON.stringify(answer.error));
  assert.ok(answer.data !== undefined);
  return answer.data;
}

/** Status and kind of a problem. */
function refusal(answer: { error?: Problem }): [number, string] {
  assert.ok(answer.error);
  return [answer.error.status, answer.error.type.split("/").at(-2) ?? ""];
}

/** All pages of the list, with two figures each. */
async function everyFigure(): Promise<Allocation[]> {
  const found: Allocation[] = [];
  let cursor: string | undefined;
  for (;;) {
    const query = { page_size: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = data(await anybody.GET("/api/v1/allocations/", { params: { query } }));
    found.push(...page.results);
    if (page.next === null) return found;
    cursor = new URL(page.next).searchParams.get("cursor") ?? undefined;
  }
}

/** The upload of a file with one figure, once it has been read. */
async function sent(amount: string, key: string): Promise<Upload> {
  const file = `${HEADINGS}\n2026-27,QMS,nhs-core,allocation,${amount},recurrent,From TypeScript\n`;
  const received = data(
    await officer.POST("/api/v1/uploads/", {
      params: { header: { "Idempotency-Key": key } },
      body: { kind: "allocations", published_on: "2026-04-01", file },
      bodySerializer: (body) => {
        const form = new FormData();
        form.set("kind", body.kind);
        form.set("published_on", body.published_on ?? "");
        form.set("file", new Blob([body.file], { type: "text/csv" }), "figures.csv");
        return form;
      },
    }),
  );
  return ended(received.reference, ENDS);
}

async function ended(reference: string, ends: Upload["state"][]): Promise<Upload> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const upload = data(await officer.GET("/api/v1/uploads/{reference}/", { params: { path: { reference } } }));
    if (ends.includes(upload.state)) return upload;
    await setTimeout(100);
  }
  throw new Error(`${reference} has not been worked on.`);
}

async function problemsOf(reference: string): Promise<string[][]> {
  const page = data(
    await officer.GET("/api/v1/uploads/{reference}/problems/", { params: { path: { reference } } }),
  );
  return page.results.map((problem) => [problem.code, problem.column_name, problem.value]);
}

async function accepted(reference: string): Promise<Upload> {
  const path = { reference };
  const shown = await approver.GET("/api/v1/uploads/{reference}/", { params: { path } });
  const header = { "If-Match": shown.response.headers.get("ETag") ?? "" };
  data(await approver.POST("/api/v1/uploads/{reference}/accept/", { params: { path, header } }));
  return ended(reference, ["accepted"]);
}

async function accepting(client: typeof officer, reference: string, tag: string) {
  const params = { path: { reference }, header: { "If-Match": tag } };
  return client.POST("/api/v1/uploads/{reference}/accept/", { params });
}

async function listed(query: { organisation?: string; financial_year?: string; upload?: string }) {
  return anybody.GET("/api/v1/allocations/", { params: { query } });
}

const figures = await everyFigure();
const [first] = figures;
assert.ok(first);
const one = data(
  await anybody.GET("/api/v1/allocations/{reference}/", { params: { path: { reference: first.reference } } }),
);
const asCsv = data(await anybody.GET("/api/v1/allocations.csv", { parseAs: "text" }));
const wrong = await sent("about 300", "wrong");
const good = await sent("1234.50", "good");
const byOfficer = await accepting(officer, good.reference, "*");
const outdated = await accepting(approver, good.reference, '"0"');
const done = await accepted(good.reference);
const readBack = data(await listed({ upload: good.reference }));
console.log(
  JSON.stringify({
    figures: figures.length,
    lines: asCsv.trimEnd().split("\r\n").length,
    one: one.amount === first.amount && one.reference === first.reference,
    wrong: [wrong.state, await problemsOf(wrong.reference)],
    by_officer: refusal(byOfficer),
    outdated: refusal(outdated),
    done: done.state,
    read_back: readBack.results.map((figure) => [figure.amount, figure.note, figure.financial_year]),
    unknown: refusal(await listed({ organisation: "ZZZ99" })),
    impossible_year: refusal(await listed({ financial_year: "2024-26" })),
  }),
);
