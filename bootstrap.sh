#!/bin/sh
# Makes .venv from uv.lock, unless it is already what the lock asks for.
# usage: sh bootstrap.sh [dev]      dev adds what `make test` needs
set -eu
cd "$(dirname "$0")"
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT UV_PYTHON PYTHONHOME
export UV_PYTHON_DOWNLOADS=never

UV=uv==0.13.9 # the version that writes uv.lock
extra=${1:-}
group=${extra:+--group $extra}
# A moved clone or another lock asks for a new .venv; one made for dev serves both.
wanted="$(cat uv.lock pyproject.toml bootstrap.sh | cksum) $(pwd -P) |$extra"

refuse() {
    echo "$1" >&2
    exit 1
}

up_to_date() {
    [ -f .venv/installed ] || return 1
    case "$(cat .venv/installed)" in "$wanted"*) .venv/bin/python -c '' 2>/dev/null ;; *) return 1 ;; esac
}

# Version managers leave commands on PATH that fail when run: each candidate proves itself.
find_python() {
    without_venv=
    for python in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3.14 python3 python; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 && return
        without_venv=${without_venv:-$python}
    done
    [ -z "$without_venv" ] || refuse "$without_venv 缺少 venv 模块：Debian、Ubuntu 请先执行 sudo apt install $(
        "$without_venv" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
    )，其他系统请安装完整的 Python，再重试。(The venv module is missing.)"
    refuse "没有找到 Python 3.11 或更新的版本：请先安装（Debian 12、Ubuntu 24.04 及以后：sudo apt install python3 python3-venv；\
其他系统：https://www.python.org/downloads/），再重试。(Python >= 3.11 not found.)"
}

# uv downloads in parallel from the addresses in the lock; where those are out of reach,
# pip does the same by this machine's own settings (a mirror, a proxy, certificates).
install() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$UV" || return
    # shellcheck disable=SC2086
    .venv/bin/uv sync --frozen --inexact --compile-bytecode $group && return
    echo "直接下载没有成功，改按本机 pip 的设置（镜像、代理）下载……" >&2
    # shellcheck disable=SC2086
    .venv/bin/uv export --quiet --frozen --no-emit-project $group --output-file .venv/requirements.txt || return
    .venv/bin/python -m pip install --disable-pip-version-check --require-hashes -r .venv/requirements.txt || return
    .venv/bin/python -m pip install --disable-pip-version-check --no-deps --editable .
}

up_to_date && exit
find_python
echo "正在安装依赖到 .venv（第一次约需下载 200 MB，以后不再需要）……" >&2
"$python" -m venv --clear .venv || refuse "没能建立 .venv：请看上面的原因（磁盘空间、目录权限），改正后重试。"
install || refuse "依赖没有装好：请看上面的原因；多为网络不通，检查网络，或在 pip 设置里配置镜像后重试。"
echo "$wanted" >.venv/installed
