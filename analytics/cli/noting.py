"""What a command does, in the audit log: done by whoever is logged in to this machine."""

from __future__ import annotations

import getpass
import socket
from pathlib import Path

import click

from analytics.audit import Action, Audit, Deed
from analytics.kept import is_kept
from analytics.site import Refusal


def note(folder: Path, action: Action, what: str = "") -> None:
    """Adds an entry to the data directory's log, not to what was put away for good.

    Raises Refusal where it cannot be written.
    """
    if is_kept(folder):
        return
    try:
        who = getpass.getuser()
    except (OSError, KeyError):  # a system without a name for who runs it
        who = "未知用户"
    Audit(folder).note(Deed(f"命令行 {who}", action, what, place=socket.gethostname()))


def noted_if_possible(folder: Path, action: Action, what: str = "") -> None:
    """The same of what is done: that the log cannot be written is said, and undoes nothing."""
    try:
        note(folder, action, what)
    except Refusal as fault:
        click.echo(f"审计日志{fault}", err=True)
