"""The dashboard as an ASGI app; `petition serve` starts it."""

import os

import streamlit as st
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from analytics.app.entrance import Entrance
from analytics.app.faults import apologise, in_chinese
from analytics.app.guard import Guard
from analytics.app.server import ROUTES, NamedPeriod, listen, settle
from analytics.app.signing import secrets
from analytics.site import ROOT

app = st.App(
    ROOT / "analytics/app/main.py",
    lifespan=settle,
    secrets=secrets(),
    on_script_error=apologise,
    exception_handlers={HTTPException: in_chinese},
    routes=ROUTES,
    middleware=[
        Middleware(Guard),
        Middleware(Entrance),
        Middleware(NamedPeriod),
        Middleware(GZipMiddleware, minimum_size=1_000),
    ],
)

if __name__ == "__main__":
    listen(app, int(os.environ.get("PETITION_PORT", "8501")))
