"""Lets the official runner of the WASI test suite run Wasmote.

    cargo build --release
    cd wasi-testsuite
    WASMOTE=../wasmote/target/release/wasmote python3 test-runner/wasi_test_runner.py \\
        -t ./tests/c/testsuite/ ./tests/rust/testsuite/ ./tests/assemblyscript/testsuite/ \\
        -r ../wasmote/tests/wasi-testsuite-adapter/wasmote.py

The runner loads this file as a module and asks it for names, versions and command lines. `$WASMOTE` is the command, split
as a shell would (default `wasmote`).
"""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Dict, List, Tuple

COMMAND = shlex.split(os.environ.get("WASMOTE", os.environ.get("TEST_RUNTIME_EXE", "wasmote")))


def get_name() -> str:
    """The runtime's name in reports."""
    return "wasmote"


def get_version() -> str:
    """What `wasmote --version` says behind the name."""
    done = subprocess.run([*COMMAND, "--version"], encoding="utf-8", capture_output=True, check=True)
    return done.stdout.split()[1]


def get_wasi_versions() -> List[str]:
    """The suites that this runtime can run."""
    return ["wasm32-wasip1"]


def compute_argv(
    test_path: str,
    args_env_dirs: Tuple[List[str], Dict[str, str], List[Tuple[Path, str]]],
    proposals: List[str],
    wasi_version: str,
) -> List[str]:
    """The command line for a test."""
    if wasi_version not in get_wasi_versions():
        raise ValueError(f"wasmote does not run {wasi_version}")
    args, env, dirs = args_env_dirs
    line = [*COMMAND, "run"]
    for name, value in env.items():
        line += ["--env", f"{name}={value}"]
    for host, guest in dirs:
        line += ["--dir", f"{host}::{guest}"]
    return [*line, str(test_path), *args]
