"""How the stage looks: a sheet of 80 × 45 rem, an 80th of the screen's width or a 45th of its height each."""

from __future__ import annotations

from analytics.app.meeting.layout import (
    BETWEEN,
    FOOT_TOP,
    HEIGHT,
    LINE,
    MARGIN,
    PANEL,
    PROSE,
    PROSE_LINE,
    TEXT,
    TITLE_TOP,
    WIDTH,
)
from analytics.render.projected import SCALE


def rem(pixels: float) -> str:
    """Pixels of the stage in the unit that grows with the screen."""
    return f"{pixels / 16:g}rem"


STYLE = f"""<style>
html {{ font-size: min(100vw / 80, 100vh / 45) !important; }}
html, body, .stApp, .stMain {{ overflow: hidden !important; }}
header, [data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"],
[data-testid="stExpandSidebarButton"], [data-testid="stToolbar"], [data-testid="stStatusWidget"],
[data-testid="stDecoration"], [data-testid="stElementToolbar"], .modebar, .st-key-stage-keys {{
  display: none !important;
}}
[data-stale="true"], [data-stale="true"] * {{ opacity: 1 !important; }}
[data-testid="stToast"] :is(p, span) {{ font-size: {rem(TEXT)}; line-height: {rem(LINE)}; }}
.stApp {{ background: #fff; }}
.st-key-stage {{
  position: fixed; z-index: 1; left: calc(50vw - {rem(WIDTH / 2)}); top: calc(50vh - {rem(HEIGHT / 2)});
  width: {rem(WIDTH)}; height: {rem(HEIGHT)}; gap: 0; color: #1d2733; font-size: {rem(TEXT)};
}}
.st-key-stage::before {{ content: ""; position: fixed; inset: 0; background: #fff; z-index: -1; }}
.st-key-stage [data-testid="stSpinner"] {{ position: absolute; left: {rem(MARGIN)}; top: {rem(TITLE_TOP)}; }}
.st-key-stage [data-testid="stSpinner"] p {{ font-size: {rem(TEXT)}; line-height: {rem(LINE)}; }}
.stage-part {{
  position: absolute; margin: 0; font-size: {rem(TEXT)}; line-height: {rem(LINE)}; white-space: nowrap;
}}
.stage-eyebrow {{ left: {rem(MARGIN)}; top: {rem(16)}; color: #4d5866; }}
.stage-warning {{
  right: {rem(MARGIN)}; top: {rem(12)}; padding: 0 {rem(12)}; color: #5c3b00; background: #ffe9b8;
  max-width: {rem(WIDTH - 2 * MARGIN)}; overflow: hidden; text-overflow: ellipsis;
}}
.stage-title {{ left: {rem(MARGIN)}; font-weight: 700; padding: 0; }}
.stage-numbers {{ left: {rem(MARGIN)}; width: {rem(PANEL)}; display: flex; flex-direction: column; }}
.stage-number {{
  flex: 1 1 0; max-height: {rem(150)}; display: grid; grid-template-columns: auto 1fr; column-gap: {rem(20)};
  align-content: center; align-items: center; border-bottom: 1px solid #cfd6de;
}}
.stage-number:last-child {{ border-bottom: 0; }}
.stage-number .name {{ grid-column: 1 / 3; display: flex; justify-content: space-between; }}
.stage-number .value {{
  font-size: {rem(44)}; line-height: {rem(60)}; font-weight: 700; font-variant-numeric: tabular-nums;
}}
.stage-number .value small {{ font-size: {rem(TEXT)}; font-weight: 400; margin-left: {rem(3)}; }}
.stage-number .verdict {{ color: #4d5866; }}
.stage-number .verdict.signal {{ color: #8a4b00; font-weight: 700; }}
.stage-up {{ color: #a85a00; }}
.stage-down {{ color: #1f5fa8; }}
.stage-told p {{ font-size: {rem(PROSE)}; line-height: {rem(PROSE_LINE)}; margin: 0; }}
.stage-told p + p {{ margin-top: {rem(BETWEEN * PROSE_LINE)}; }}
.stage-measure {{ color: #4d5866; }}
.st-key-stage-chart {{ position: absolute; }}
.st-key-stage-chart .js-plotly-plot {{
  transform-origin: 0 0; transform: scale(calc({SCALE} * tan(atan2(1rem, 16px))));
}}
.st-key-stage-chart .stElementContainer {{ overflow: visible !important; }}
.st-key-stage-foot {{
  position: absolute; left: {rem(MARGIN)}; top: {rem(FOOT_TOP)}; width: {rem(WIDTH - 2 * MARGIN)};
  height: {rem(48)}; border-top: 1px solid #cfd6de; gap: {rem(2)}; flex-wrap: nowrap;
}}
.st-key-stage-foot > :first-child {{ flex: 1 1 0; min-width: 0; }}
.st-key-stage-foot [data-testid="stIconMaterial"] {{ display: none; }}
.stage-source {{
  color: #4d5866; margin: 0; line-height: {rem(LINE)}; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; font-size: {rem(TEXT)};
}}
.st-key-stage button {{ min-height: 0; padding: 0 {rem(6)}; border: 0; background: none; color: #1f5fa8; }}
.st-key-stage button p {{ font-size: {rem(TEXT)}; line-height: {rem(40)}; }}
[class*="st-key-stage-list"] {{ position: absolute; width: {rem(600)}; gap: 0; }}
[class*="st-key-stage-list"] button {{ width: 100%; justify-content: flex-start; }}
[class*="st-key-stage-list"] button p {{ text-align: left; }}
[class*="st-key-stage-list"] button[kind="primary"] {{ background: #e3ebf3; }}
</style>"""
