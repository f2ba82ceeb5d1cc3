//! The colours of a graph, light and dark. On a page that has its own, the page's count.

/// What a graph needs wherever it stands; colours are variables.
pub const RULES: &str = "\
.graph text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;fill:var(--ink)}\
.graph .name{font-size:13px;font-weight:600}\
.graph .said{font-size:11.5px;fill:var(--muted)}\
.graph .end{font-size:11.5px;text-anchor:end;fill:var(--muted)}\
.graph .title{font-size:15px;font-weight:700}\
.graph .frame{fill:var(--box);stroke:var(--line);stroke-width:1}\
.graph .frame.fallback{stroke-dasharray:2 3}\
.graph .line{fill:none;stroke:var(--edge);stroke-width:1.6}\
.graph .line.critical{stroke:var(--ink);stroke-width:3.6}\
.graph .line.skipped{stroke-dasharray:4 4}\
.graph .line.fails{stroke-dasharray:1.5 4;stroke-linecap:round;stroke-width:2}\
.graph .line.after{stroke-dasharray:6 3}\
.graph .on-path{fill:var(--paper);stroke:var(--ink);stroke-width:2.4}\
.graph .sign{fill:var(--paper);stroke:var(--ink);stroke-width:1.8}\
.graph .sign.list{stroke:var(--edge);stroke-width:2.4}\
.graph .sign.changes{fill:var(--ink)}\
.graph .sign.destroys{fill:var(--bad);stroke:var(--paper);stroke-width:1}\
.graph .sign.skipped{stroke:var(--muted);stroke-dasharray:2.4 2.2}\
.graph .sign.succeeded{fill:var(--good);stroke:var(--paper);stroke-width:1}\
.graph .sign.warned{fill:var(--warn);stroke:var(--paper);stroke-width:1}\
.graph .sign.failed,.graph .sign.unknown{fill:var(--bad);stroke:var(--paper);stroke-width:1}\
.graph .sign.interrupted,.graph .sign.rolled-back{fill:var(--other);stroke:var(--paper);stroke-width:1}\
.graph .sign.under-way{fill:var(--info);stroke:var(--paper);stroke-width:1}\
.graph .sign.not-started{stroke:var(--muted)}\
.graph .mark{fill:none;stroke:var(--paper);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}\
.graph .mark.not-started{stroke:var(--muted)}\
.graph .mark.under-way,.graph .mark.interrupted{fill:var(--paper)}\
.graph .end.succeeded{fill:var(--good)}.graph .end.warned{fill:var(--warn)}\
.graph .end.failed,.graph .end.unknown{fill:var(--bad);font-weight:700}\
.graph .end.interrupted,.graph .end.rolled-back{fill:var(--other)}.graph .end.under-way{fill:var(--info)}\
.graph .left-out .name{fill:var(--muted);font-weight:400}\
.graph .flag{fill:none;stroke:var(--muted);stroke-width:1}\
.graph .flag.destroys{fill:var(--bad);stroke:none}\
.graph .flag-text{font-size:10.5px;font-weight:600;text-anchor:middle;fill:var(--muted)}\
.graph .flag-text.destroys{fill:var(--paper)}";

/// The colours of a graph that stands alone.
pub const COLOURS: &str = "\
:root{--paper:#fff;--ink:#1f2328;--muted:#59636e;--edge:#8c959f;--line:#c8d1da;--box:#1f23280a;--good:#157033;--warn:#8a5a00;\
--bad:#c4202a;--info:#0a5fcf;--other:#7a3fc4}\
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--muted:#9aa4af;--edge:#6e7781;--line:#3d444d;--box:#e6edf30d;\
--good:#4cc764;--warn:#dfa233;--bad:#ff7b72;--info:#6cb0ff;--other:#c39bff}}";
