"""Where the browser or the Chinese font is missing: a PATH of stand-ins, nothing installed."""

from pathlib import Path

import browser
import pytest

# Installs by putting a working command on PATH, as the real one does.
APT_GET = """
[ "$1" = install ] || exit 0
for name in chromium fc-list; do
    printf '#!/bin/sh\\necho here\\n' >{bin}/$name; {chmod} +x {bin}/$name
done
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0, raising=False)
    return tmp_path


def command(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / name).chmod(0o755)


def test_a_command_that_fails_is_no_browser(path: Path) -> None:
    command(path, "chromium", "echo 'install the snap' >&2; exit 1")
    command(path, "google-chrome", "echo Chrome 1")
    assert browser.chromium() == str(path / "google-chrome")


def test_nothing_is_installed_where_nothing_is_missing(path: Path) -> None:
    command(path, "chromium", "echo Chromium 1")
    command(path, "fc-list", "echo Noto Sans CJK SC")
    command(path, "apt-get", f"touch {path}/asked")
    browser.main()
    assert not (path / "asked").exists()


def test_installs_what_is_missing(path: Path) -> None:
    command(path, "apt-get", APT_GET.format(bin=path, chmod="/bin/chmod"))
    assert browser.missing_packages() == ["chromium", "fontconfig", "fonts-noto-cjk"]
    browser.main()
    assert browser.missing_packages() == []


@pytest.mark.parametrize("given", [True, False])
def test_the_lighter_browser_of_debian_is_taken_where_it_is_given(path: Path, given: bool) -> None:
    command(path, "chromium", "echo Chromium 1 built on Debian GNU/Linux 12")
    command(path, "fc-list", "echo Noto Sans CJK SC")
    light = path / browser.LIGHT
    made = f"printf '#!/bin/sh\necho Chromium 1\n' >{light}; /bin/chmod +x {light}"
    command(path, "apt-get", f'[ "$1" = update ] || {{ {made if given else "exit 100"}; }}')
    browser.main()
    assert browser.chromium() == str(light if given else path / "chromium")


@pytest.mark.parametrize("user", [0, 1000])
def test_says_what_to_install_where_it_cannot(path: Path, monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user, raising=False)
    command(path, "fc-list", "exit 0")
    command(path, "apt-get", "echo 'no network' >&2; exit 100")
    with pytest.raises(SystemExit, match="sudo apt-get install chromium fontconfig fonts-noto-cjk"):
        browser.main()
