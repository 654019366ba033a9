// The look of all pages, written into each of them: a page is one file that needs no other and no network.
#pragma once

#include <string_view>

namespace relux::report {

inline constexpr std::string_view kPageStyle = R"(
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2330;--dim:#687385;--line:#dde2ea;--card:#f6f8fb;--ok:#14803c;
--bad:#c4281c;--skip:#8a6100;--send:#0a58b5;--bar:#9db7dd}
@media(prefers-color-scheme:dark){:root{--bg:#14181f;--fg:#dfe5ee;--dim:#8f9bad;--line:#2c3442;--card:#1b212b;
--ok:#4cc26e;--bad:#ff7a6b;--skip:#d9aa4a;--send:#79b2ff;--bar:#3f5f8f}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1200px;padding:1.5rem;background:var(--bg);color:var(--fg);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.35rem;margin:0 0 .3rem;overflow-wrap:anywhere}h2{font-size:1rem;margin:1.6rem 0 .4rem}
a{color:var(--send)}pre,code,.t{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}.dim{color:var(--dim)}
.badge{display:inline-block;padding:0 .55em;border-radius:1em;border:1px solid;font-size:13px;font-weight:600}
.pass{color:var(--ok)}.fail,.invalid{color:var(--bad)}.cancelled,.skipped{color:var(--skip)}
.failure{border-left:4px solid var(--bad);background:var(--card);padding:.7rem 1rem;margin:1rem 0}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);
vertical-align:top}th{font-weight:600;color:var(--dim)}td.n,th.n{text-align:right;white-space:nowrap}
)";

}  // namespace relux::report
