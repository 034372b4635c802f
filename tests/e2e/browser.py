"""The browser and the font that the browser tests need: found, else installed, else asked for."""

import os
import shutil
import subprocess
import sys

LIGHT = (
    "chromium-headless-shell"  # the same pages without tabs and bars of its own: a quarter less to compute
)
COMMANDS = (LIGHT, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def _output(*command: str) -> str:
    """What a command prints; nothing where it is absent or fails."""
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def chromium() -> str:
    """The browser's path, or nothing. A command that stands on PATH but does not run is no browser."""
    candidates = (os.environ.get("CHROMIUM"), *COMMANDS)
    paths = filter(None, (shutil.which(name) for name in candidates if name))
    return next((path for path in paths if _output(path, "--version")), "")


def lighter_packages() -> list[str]:
    """The package of Debian's lighter browser, where there is none yet or only Debian's full one."""
    path = chromium()
    return [] if path and "built on Debian" not in _output(path, "--version") else [LIGHT]


def missing_packages() -> list[str]:
    """The Debian packages that would give what this machine lacks."""
    packages = [] if chromium() else ["chromium"]
    if not _output("fc-list", ":lang=zh"):
        packages += ["fontconfig", "fonts-noto-cjk"]
    return packages


def _apt_get() -> list[str]:
    """How to call apt-get without being asked anything; empty where that is not allowed."""
    if not shutil.which("apt-get"):
        return []
    if os.geteuid() == 0:
        return ["apt-get"]
    return ["sudo", "-n", "apt-get"] if _output("sudo", "-n", "id") else []


def _install(packages: list[str]) -> None:
    if apt := _apt_get():
        print(f"正在安装浏览器测试所需的 {' '.join(packages)} ……", flush=True)
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
            subprocess.run([*apt, *step], env=quietly, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def main() -> None:
    """Provides what is missing, the lighter browser if it can; ends with a message where it cannot."""
    if packages := lighter_packages():
        _install(packages)
    if packages := missing_packages():
        _install(packages)
    if packages := missing_packages():
        sys.exit(
            f"浏览器测试需要 Chromium 和中文字体，本机缺少：请先 sudo apt-get install {' '.join(packages)}，"
            "或安装 Google Chrome 与任一中文字体后重试。(The browser tests need Chromium and a CJK font.)"
        )


if __name__ == "__main__":
    main()
