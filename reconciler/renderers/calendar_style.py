"""How the page of a calendar looks, and what its keys do. All of it is in the page itself."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --paper: #ffffff; --ink: #1c2733; --soft: #5d6b7a; --line: #e1e6ec;
  --empty: #f1f4f7; --herd: #c2410c; --herd-paper: #fff4ec; --focus: #1d4ed8;
  --l1: #dcecf3; --l2: #a3cfe0; --l3: #2b7a9b; --l4: #0b4a66;
  --t1: #21465a; --t2: #123a4c; --t3: #ffffff; --t4: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10161c; --paper: #182029; --ink: #e6edf3; --soft: #9aa9b8; --line: #2a3541;
    --empty: #1d2731; --herd: #fb923c; --herd-paper: #2b2018; --focus: #93c5fd;
    --l1: #1b3a49; --l2: #22586f; --l3: #27799a; --l4: #8bd3ee;
    --t1: #b9d9e6; --t2: #dcf0f8; --t3: #ffffff; --t4: #06202c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
}
main { max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; letter-spacing: -.02em; }
h2 { margin: 0 0 .75rem; font-size: 1.15rem; }
h2 small { margin-left: .5rem; font-size: .875rem; font-weight: 400; color: var(--soft); }
h3 { margin: 1.25rem 0 .5rem; font-size: .95rem; }
p { margin: .35rem 0; }
.span { color: var(--soft); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1.25rem; }
a { color: var(--focus); }
section { margin-top: 1.75rem; padding: 1.25rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: .75rem; }
.scroll { overflow-x: auto; }
table { width: 100%; min-width: 56rem; border-collapse: separate; border-spacing: 2px; table-layout: fixed;
  font-variant-numeric: tabular-nums; font-size: .8rem; }
th { font-weight: 500; color: var(--soft); }
th.day { position: sticky; left: 0; z-index: 2; width: 5.4rem; text-align: left; white-space: nowrap;
  background: var(--paper); }
th.sum, td.sum { width: 4rem; text-align: right; background: none; color: var(--soft); padding-left: .4rem; }
tr.weekend th.day { font-style: italic; }
td { position: relative; height: 1.75rem; padding: 0; text-align: center; border-radius: .25rem;
  background: var(--empty); }
tr.monday > * { border-top: .4rem solid var(--paper); background-clip: padding-box; }
tr.monday td { height: 2.15rem; }
td.l1 { background: var(--l1); color: var(--t1); }
td.l2 { background: var(--l2); color: var(--t2); }
td.l3 { background: var(--l3); color: var(--t3); }
td.l4 { background: var(--l4); color: var(--t4); }
td.herd { box-shadow: inset 0 0 0 2px var(--herd); font-weight: 700; }
td.herd::before { content: ""; position: absolute; top: 0; right: 0; border: solid transparent;
  border-width: 0 .55rem .55rem 0; border-right-color: var(--herd); border-top-right-radius: .25rem; }
td.more::after, td.less::after { position: absolute; left: .2rem; bottom: -.05rem; font-size: .55rem; }
td.more::after { content: "\\25B2"; }
td.less::after { content: "\\25BC"; }
td:focus-visible, .scroll:focus-visible { outline: 3px solid var(--focus); outline-offset: 1px; z-index: 1; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: .9rem 0 0; padding: 0; list-style: none;
  color: var(--soft); font-size: .8rem; }
.legend li { display: flex; align-items: center; gap: .4rem; }
.legend table { width: auto; min-width: 0; }
.legend td { width: 1.7rem; height: 1.2rem; }
.herds { display: grid; gap: .6rem; margin: 0; padding: 0; list-style: none; }
.herds > li { padding: .6rem .8rem; background: var(--herd-paper); border-left: 4px solid var(--herd);
  border-radius: .25rem; overflow-wrap: anywhere; }
.herds b { font-size: 1.05rem; font-variant-numeric: tabular-nums; margin-right: .4rem; }
.names { color: var(--soft); font-size: .85rem; }
summary { cursor: pointer; }
.note { color: var(--soft); }
#detail { position: fixed; inset: auto 0 0; margin: 0; padding: .6rem 1.25rem; overflow-wrap: anywhere;
  background: var(--ink); color: var(--paper); font-size: .9rem; }
#detail:empty { display: none; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .8rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media print {
  @page { size: landscape; margin: 1cm; }
  :root { --page: #fff; --paper: #fff; --ink: #000; --soft: #333; }
  body { font-size: 11px; }
  main { max-width: none; padding: 0; }
  section { padding: 0; border: 0; break-inside: avoid; }
  .scroll { overflow: visible; }
  table { min-width: 0; }
  td { height: 1.25rem; outline: 1px solid #ccc; }
  td, td::before, .herds > li { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  #detail, .skip { display: none; }
}
"""

SCRIPT = """
const detail = document.getElementById("detail");
const told = cell => {
  const row = cell.parentElement.firstElementChild.textContent;
  detail.textContent = cell.title ? `${row}, ${cell.title}` : "";
};
for (const body of document.querySelectorAll("table.hours tbody")) {
  const cells = row => [...row.querySelectorAll("td:not(.sum)")];
  const rows = [...body.rows];
  const go = (cell, next) => {
    if (!next) return;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    told(next);  // a window in the background gets no focusin
  };
  cells(rows[0])[0].tabIndex = 0;
  body.addEventListener("mouseover", event => event.target.matches("td") && told(event.target));
  body.addEventListener("mouseleave", () => { detail.textContent = ""; });
  body.addEventListener("focusin", event => told(event.target));
  body.addEventListener("focusout", () => { detail.textContent = ""; });
  body.addEventListener("keydown", event => {
    const cell = event.target, row = cell.parentElement, at = cells(row).indexOf(cell);
    const down = rows.indexOf(row);
    const steps = {
      ArrowLeft: [down, at - 1], ArrowRight: [down, at + 1], Home: [down, 0], End: [down, 23],
      ArrowUp: [down - 1, at], ArrowDown: [down + 1, at],
    };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const [y, x] = steps[event.key];
    go(cell, rows[y] && cells(rows[y])[x]);
  });
}
"""
