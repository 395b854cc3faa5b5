"""An audit as one page of HTML that needs no other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softpower.index.audit_figures import Audit

TEMPLATE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ blocks[0].words }}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 72rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2.2rem; break-after: avoid; }
p, li { max-width: 46rem; }
p:has(+ ul) { font-weight: 600; margin-bottom: .3rem; } ul { margin-top: .3rem; }
p:has(+ ul), p:has(+ .wide) { break-after: avoid; }
li { break-inside: avoid; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
th, td { padding: .22rem .9rem .22rem 0; text-align: right; border-bottom: 1px solid #d8dde3; }
th { vertical-align: bottom; font-weight: 600; } td { vertical-align: baseline; }
thead th { border-bottom-color: #57606a; }
th.name, td.name { text-align: left; white-space: pre-wrap; overflow-wrap: break-word; }
.mark { position: absolute; }
tr { break-inside: avoid; }
@page { size: A4; margin: 16mm 15mm; }
@media print { body { margin: 0; padding: 0; font-size: 10pt; } table { font-size: 8.5pt; }
  .wide { overflow: visible; } }
</style>
<main>
{% for block in blocks %}
{% if block.level is defined %}
<h{{ block.level }}>{{ block.words }}</h{{ block.level }}>
{% elif block.words is defined %}
<p>{{ block.words }}</p>
{% elif block.head is defined %}
<div class="wide"><table>
<thead><tr>{% for cell in block.head %}<th scope="col"{% if loop.index0 < block.names %} class="name"{% endif %}>
{{- cell }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in block.rows %}
<tr>{% for cell in row %}{% if loop.index0 < block.names %}<td class="name">{{ cell }}</td>{% else %}
<td>{{ cell.rstrip(" *") }}{% if cell.endswith("*") %}<span class="mark">*</span>{% endif %}</td>
{% endif %}{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
{% else %}
<ul>
{% for item in block['items'] %}
<li>{{ item }}</li>
{% endfor %}
</ul>
{% endif %}
{% endfor %}
</main>
</html>
"""


def page(audit: Audit) -> str:
    """The whole page; titles of the model are text in it, whatever signs they hold."""
    from jinja2 import Environment, StrictUndefined

    from softpower.index.audit_text import blocks

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE).render(blocks=list(blocks(audit))) + "\n"
