"""Which process a worker is, and when it has surely ended."""

import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from storage.liveness import Process

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells when a process started")


def test_a_process_is_the_same_after_its_text_was_kept() -> None:
    this = Process.this()
    assert Process.parse(str(this)) == this
    assert this.name == f"{this.host}:{os.getpid()}"


@pytest.mark.parametrize("text", ["", "odd", "there:12", "there boot 4026531836 many 5", "there b n 12"])
def test_a_text_that_names_no_process_is_none(text: str) -> None:
    assert Process.parse(text) is None


def test_this_process_has_not_ended_and_one_that_was_waited_for_has() -> None:
    this = Process.this()
    assert not this.has_ended()
    assert replace(this, pid=_ended()).has_ended()
    assert not replace(this, pid=1, started="").has_ended()


@LINUX
def test_a_number_that_was_given_out_again_is_another_process() -> None:
    this = Process.this()
    assert this.started
    assert replace(this, started=str(int(this.started) - 1)).has_ended()


@LINUX
def test_a_zombie_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = replace(Process.this(), pid=child.pid, started="")
        assert not process.has_ended()
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # until it has ended, and is still not reaped
        assert process.has_ended()


@pytest.mark.parametrize("elsewhere", [{"host": "there"}, {"boot": "before"}, {"namespace": "1"}])
def test_a_process_that_cannot_be_seen_from_here_may_be_alive(elsewhere: dict[str, str]) -> None:
    assert not replace(Process.this(), pid=_ended(), **elsewhere).has_ended()


@LINUX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes process namespaces")
def test_two_namespaces_of_one_host_are_told_apart() -> None:
    program = "from storage.liveness import Process; print(Process.this())"
    wanted = ["unshare", "--pid", "--fork", sys.executable, "-c", program]
    made = subprocess.run(wanted, capture_output=True, text=True)
    if made.returncode:
        pytest.skip("no process namespace can be made here")
    other, this = Process.parse(made.stdout.strip()), Process.this()
    assert other is not None and other.namespace != this.namespace
    assert (other.host, other.boot) == (this.host, this.boot)
    assert not other.has_ended()  # it has, but its number says nothing here


def _ended() -> int:
    child = multiprocessing.get_context("spawn").Process(target=int)
    child.start()
    child.join()
    assert child.pid is not None
    return child.pid
