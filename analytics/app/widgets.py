"""Of a widget that is no longer on the page nothing is kept."""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def forget_gone() -> None:
    """Lets go of callbacks whose widget went with an earlier run, and of the views that they were made for.

    Streamlit keeps each until the page is closed; a chart under another filter is another widget. Call it
    when a run begins: until then a click may still be on its way to the widgets of the run before.
    """
    if context := get_script_run_ctx(suppress_warning=True):
        with context.session_state._lock:
            state = context.session_state._state
            known = state._new_widget_state.widget_metadata
            for gone in known.keys() - state._new_widget_state.states.keys() - state._old_state.keys():
                del known[gone]
