"""The dashboard as an ASGI app; `petition serve` starts it."""

import os

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from analytics.app.entrance import Entrance
from analytics.app.server import ROUTES, NamedPeriod, SecurityHeaders, apologise, settle
from analytics.app.signing import secrets

app = st.App(
    "analytics/app/main.py",
    lifespan=settle,
    secrets=secrets(),
    on_script_error=apologise,
    routes=ROUTES,
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(Entrance),
        Middleware(NamedPeriod),
        Middleware(GZipMiddleware, minimum_size=1_000),
    ],
)

if __name__ == "__main__":
    port = int(os.environ.get("PETITION_PORT", "8501"))
    # Without accounts, nobody but this machine may look.
    app.run(config={"server.address": "127.0.0.1", "server.port": port})
