"""Modules of the pages by themselves, in Node."""

import re
import shutil
import subprocess

import pytest
from django.conf import settings

SCRIPTS = settings.ROOT / "screens" / "static" / "screens" / "js"
pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")

STREAM = """
import { follow } from "./lib/live.js";
let time = 0, watch;
Date.now = () => time;
globalThis.setInterval = (work) => (watch = work);
globalThis.clearInterval = () => {};
let later;
globalThis.setTimeout = (work) => (later = work);
globalThis.document = { addEventListener() {}, removeEventListener() {} };
globalThis.window = globalThis.document;
const opened = [];
globalThis.EventSource = class {
  static CONNECTING = 0; static OPEN = 1; static CLOSED = 2;
  readyState = 0; told = {};
  constructor() { opened.push(this); }
  addEventListener(name, work) { this.told[name] = work; }
  close() { this.readyState = 2; }
};
const states = [];
const stream = follow("/live", "5", { onIncident() {}, onState: (one) => states.push(one) });
const pass = (ms) => { time += ms; watch(); };
"""


def run(words: str) -> None:
    """Run a script beside those of the pages; it fails with its own words."""
    done = subprocess.run(
        ["node", "--no-warnings", "--input-type=module"],
        input='import assert from "node:assert/strict";\n' + words,
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_a_line_that_hangs_while_it_connects_is_tried_again():
    run(
        STREAM
        + """
pass(20_000);
assert.equal(opened.length, 1);
pass(20_000);
assert.deepEqual(states, ["lost"]);
later();
assert.equal(opened.length, 2);
"""
    )


def test_a_picture_grows_old_on_a_line_that_is_not_silent():
    """A writer that stands idle: the server speaks, and says of which moment the picture is."""
    run(
        STREAM
        + """
opened[0].readyState = 1;
for (let i = 0; i < 10; i += 1) {
  pass(10_000);
  const now = new Date(time).toISOString(), fresh_at = new Date(0).toISOString();
  opened[0].told.clock({ lastEventId: "5", data: JSON.stringify({ now, fresh_at }) });
}
assert.equal(opened.length, 1);
assert.equal(stream.heard(), 0);
assert.deepEqual(states, []);
"""
    )


def test_what_has_left_the_scope_leaves_the_picture():
    run(
        """
import { Picture } from "./lib/incidents.js";
const picture = new Picture();
const told = { number: "1", status: "REPORTED", category: "0501", reported_at: "2026-09-29T02:00:00Z" };
assert.equal(picture.apply(told).fresh, true);
const { one, fresh } = picture.apply({ number: "1", status: "GONE", kind: "HANDED_OVER", at: told.reported_at });
assert.deepEqual([one.status, fresh, picture.open.size], ["GONE", false, 0]);
"""
    )


def test_an_answer_that_comes_too_late_is_not_shown():
    run(
        """
import { Board } from "./lib/board.js";
const waiting = [];
globalThis.fetch = () => new Promise((done) => waiting.push(done));
globalThis.document = { documentElement: { lang: "en" } };
const answer = (number) => ({ ok: true, status: 200, json: async () => ({ whole: false, position: "1", rows: [[number]] }) });
const board = new Board();
board.whole = false;
const both = [board.load({ area: "1" }), board.load({ area: "2" })];
waiting[1](answer("second"));
await both[1];
waiting[0](answer("first"));
await both[0];
assert.deepEqual([...board.open.keys()], ["second"]);
"""
    )


def test_what_stands_still_is_not_red():
    run(
        """
import { fromRow, lampAt } from "./lib/incidents.js";
const row = ["1", 1, 2, "HANDLING", "0501", "c", "a", 0, 100, null, 0, "C", []];
assert.equal(lampAt(fromRow([...row, 0]), 200), "red");
assert.equal(lampAt(fromRow([...row, 1]), 200), "green");
"""
    )


REPLAY = """
import { Player, replayPanel } from "./lib/player.js";
const row = (told, closed = null) => ["1", 1, 2, "REWORK", "0501", "c", "a", 0, 900, closed, 0, "C", [], 0, told];
"""


def test_a_past_day_shows_each_as_it_was():
    run(
        REPLAY
        + """
const seen = [];
const told = [[0, "REPORTED", 300, 0], [600, "HANDLING", 300, 1]];
const player = new Player([row(told), row([], 9000)], 0, (at, open) => seen.push(open));
player.show(5);
player.show(11);
assert.deepEqual(seen.map(([one]) => [one.status, one.due, one.suspended]), [["REPORTED", 300, false], ["HANDLING", 300, true]]);
assert.equal(seen[0][1].status, "REPORTED");
"""
    )


def test_a_day_that_cannot_be_shown_whole_says_so_and_the_last_one_asked_for_counts():
    run(
        REPLAY
        + """
const part = () => ({ value: "", dataset: {}, on: {}, addEventListener(name, work) { this.on[name] = work; } });
const [day, minute, play, leave, told] = [part(), part(), part(), part(), part()];
const form = { ...part(), elements: { day, minute, play, leave, told }, hidden: true };
const clock = { isoDate: () => "2026-09-28", midnight: () => 0, minute: () => "08:00" };
const waiting = [], seen = [];
const load = () => new Promise((done, fail) => waiting.push({ done, fail }));
const words = { trouble: "trouble", partly: "only {n}" };
const panel = replayPanel(form, { clock, now: () => 0, words, load, onMoment: (at, open, whole) => seen.push(whole), onLeave() {} });
const both = [panel.enter(), panel.again()];
waiting[1].done({ rows: [row([])], whole: false });
await both[1];
waiting[0].done({ rows: [], whole: true });
await both[0];
assert.deepEqual(seen, [false]);
assert.equal(told.textContent, "08:00 · only 1");
const failed = panel.again();
waiting[2].fail(new Error("503"));
await failed;
assert.equal(told.textContent, "trouble");
const late = panel.again();
panel.leave();
waiting[3].done({ rows: [], whole: true });
await late;
assert.deepEqual(seen, [false]);
"""
    )


def test_what_one_source_finds_is_shown_though_another_fails():
    run(
        """
globalThis.document = { cookie: "" };
import { lookUp } from "./lib/finder.js";
const told = {
  "/api/v1/board/search/": { incidents: [], workers: [{ name: "Lin", phone: "1", cell_name: "A1", cell_code: "c" }] },
  "/api/v1/locate/": { candidates: [{ name: "Road", lon: 1, lat: 2 }] },
};
let failing = "";
globalThis.fetch = async (path, { method }) => {
  assert.equal(method, "POST"); // words that somebody typed stand in no address
  return { ok: path !== failing, status: 400, json: async () => told[path] };
};
const titles = async () => (await lookUp("road", {}, {})).map((one) => one.title);
assert.deepEqual(await titles(), ["Lin 1", "Road"]);
failing = "/api/v1/board/search/";
assert.deepEqual(await titles(), ["Road"]);
failing = "/api/v1/locate/";
assert.deepEqual(await titles(), ["Lin 1"]);
"""
    )


def test_other_cells_in_force_are_told_once():
    run(
        STREAM.replace(
            "onIncident() {}", "onIncident() {}, onGround: () => grounds.push(time)"
        ).replace("const states = [];", "const states = [], grounds = [];")
        + """
const tell = (name, ground) => {
  opened[0].told[name]({ lastEventId: "5", data: JSON.stringify({ ground }) });
  later?.();
  later = undefined;
};
tell("clock", "a");
assert.equal(grounds.length, 0);
tell("ground", "b");
tell("clock", "b");
assert.equal(grounds.length, 1);
tell("clock", "c");
assert.equal(grounds.length, 2);
"""
    )


def test_no_script_puts_an_address_of_somebody_into_a_url():
    scripts = [path.read_text() for path in SCRIPTS.rglob("*.js")]
    assert not [text for text in scripts if re.search(r"[?&]address=", text)]
    assert sum('post("/api/v1/locate/", { address: text })' in text for text in scripts) == 2
