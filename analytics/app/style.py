"""What the theme cannot say: the status line, tighter blocks, paper, Chinese where Streamlit has none."""

from base64 import b64encode
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

FAVICON = "data:image/png;base64," + b64encode(Path(__file__).with_name("favicon.png").read_bytes()).decode()

STYLE = """<style>
.status { margin: 0; color: #5f6b7a; font-size: 0.85rem; }
.st-key-entrance { margin-top: 18vh; }
.st-key-status { flex-wrap: nowrap; }
.st-key-status > :first-child { flex: 1 1 0; min-width: 0; }
.st-key-status button { min-height: 0; padding: 0; white-space: nowrap; }
.status .demo { color: #8a4b00; background: #fff1dc; padding: 1px 8px; border-radius: 4px; }
[data-testid="stMainBlockContainer"] { padding: 4.2rem 2rem 2rem; }
[data-testid="stSidebar"] { width: 232px !important; min-width: 232px !important; }
[class*="st-key-tiles"] {
  display: grid !important; grid-template-columns: repeat(auto-fit, minmax(138px, 1fr)); gap: 0.6rem;
}
[class*="st-key-frame"] { row-gap: 0.5rem; column-gap: 1rem; align-content: flex-start; }
[class*="st-key-frame"] > [width="100%"] { flex: 0 0 100%; }
[class*="st-key-tiles"] [class*="st-key-frame"] { row-gap: 0; padding: 0.55rem 0.7rem 0.2rem; }
[class*="st-key-tiles"] button { min-height: 1.4rem; padding: 0; }
.tile-label { color: #5f6b7a; font-size: 0.85rem; }
.tile { container-type: inline-size; }
.tile-value { font-size: 1.55rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
.tile-value span { white-space: nowrap; }
@container (max-width: 150px) { .tile-value:has(span + span) { font-size: 1.15rem; } }
.tile-value small { font-size: 0.8rem; font-weight: 400; margin-left: 1px; }
.tile-change { font-size: 0.74rem; color: #5f6b7a; }
.tile-change.up { color: #a85a00; }
.tile-change.down { color: #1f5fa8; }
.tile-line { width: 100%; height: 30px; margin-top: 0.2rem; }
.tile-note { font-size: 0.72rem; color: #5f6b7a; }
.tile-note.verdict { min-height: 1.1rem; }
.verdict:is(.up, .high) { color: #a85a00; font-weight: 600; }
.verdict:is(.down, .low) { color: #1f5fa8; font-weight: 600; }
/* Files are taken by the buttons below a table, which note it and add the source. */
[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]) { display: none; }
[data-testid="stSidebarNavViewButton"] { font-size: 0; }
[data-testid="stSidebarNavViewButton"]::after { content: "全部页面／收起"; font-size: 0.85rem; }
[data-testid="stFileUploaderDropzoneInstructions"] { font-size: 0; }
[data-testid="stFileUploaderDropzoneInstructions"] * { display: none; }
[data-testid="stFileUploaderDropzoneInstructions"]::after {
  content: "把文件拖到这里，或点按钮选择（CSV、XLSX、XLS、Parquet，可多个）";
  font-size: 0.9rem; color: #5f6b7a;
}
[data-testid="stFileUploaderDropzone"] button { font-size: 0; }
[data-testid="stFileUploaderDropzone"] button p { display: none; }
[data-testid="stFileUploaderDropzone"] button::after { content: "选择文件"; font-size: 0.9rem; }
[class*="st-key-early"] a { padding-left: 0; }
[class*="st-key-early"] a :is(p, span) { white-space: normal; overflow: visible; }
.take { display: flex; gap: 0.5rem; align-items: baseline; font-size: 0.85rem; }
.take button {
  flex: none; min-height: 2.5rem; padding: 0.2rem 0.75rem; font: inherit; color: inherit;
  background: white; border: 1px solid #d5dae1; border-radius: 0.5rem; cursor: pointer;
}
.take button:hover { border-color: #1f5fa8; color: #1f5fa8; }
.take span { color: #5f6b7a; overflow-wrap: anywhere; }
.take + .take { margin-top: 0.5rem; }
.told { margin: 0.15rem 0; line-height: 1.75; }
.told sup { color: #5f6b7a; font-size: 0.7rem; }
.chapter { margin: 0 0 1.1rem; font-weight: 600; }
.blank { margin: 0.5rem 0 0; color: #5f6b7a; font-size: 0.875rem; }
.headline { font-size: 1.05rem; margin: 0.2rem 0 0.4rem; }
[class*="st-key-sheet"] { max-width: 1040px; }
@media (max-width: 640px) {
  [role="dialog"] > div { padding-left: 0.6rem !important; padding-right: 0.6rem !important; }
  [data-testid="stMainBlockContainer"] { padding-left: 0.7rem; padding-right: 0.7rem; }
}
/* A chart keeps on paper the width it has on screen: a sheet is as wide as A4 is at this zoom. */
@media print {
  @page { margin: 10mm; }
  header, [data-testid="stSidebar"], [data-testid="stStatusWidget"], [data-testid="stElementToolbar"],
  [data-testid="stToast"], [data-testid="stButton"], [data-testid="stDownloadButton"],
  [data-testid="stPopover"], .modebar, [class*="st-key-choice"] { display: none !important; }
  .stMain { zoom: 0.68; }
  [data-testid="stMainBlockContainer"] { padding: 0 !important; }
  .tile, .stPlotlyChart, .stHorizontalBlock, [class*="st-key-sheet"] > * { break-inside: avoid; }
  [class*="st-key-sheet"] > .stElementContainer { break-after: avoid; }
  [class*="st-key-sheet"] .stHorizontalBlock:has(> .stColumn) { display: flex !important; }
  [class*="st-key-sheet"] .stColumn { flex: 1 1 0 !important; width: auto !important; }
}
@media print and (orientation: landscape) { .stMain { zoom: 0.8; } }
</style>"""


def frame(key: str, border: bool = True) -> DeltaGenerator:
    """One container for what is drawn, a line each, and for its buttons, which share the last line.

    STYLE knows it by its key. A container of their own for the buttons would be one more thing to send.
    """
    return st.container(border=border, gap="xsmall", height="stretch", horizontal=True, key=f"frame-{key}")
