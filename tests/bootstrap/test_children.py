"""Children end with us, on Linux's way and on the one for other systems."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable

import pytest

from planb.machine.children import spawn
from tests.bootstrap.conftest import Program, is_running, wait_until

WAYS = pytest.mark.parametrize("watch", [False, True], ids=["prctl", "pipe"])


@WAYS
def test_a_child_ends_with_a_parent_that_was_killed(program: Callable[[str], Program], watch: bool) -> None:
    parent = program(
        f"""
        import subprocess, time
        from planb.machine.children import spawn
        child = spawn(["sh", "-c", "echo $$; exec sleep 300"], watch={watch}, stdout=subprocess.PIPE)
        print(child.stdout.readline().decode(), flush=True)
        time.sleep(300)
        """
    )
    child = int(parent.line())
    assert is_running(child)
    parent.process.kill()
    assert wait_until(lambda: not is_running(child))


def test_a_watched_child_takes_its_whole_family_along(program: Callable[[str], Program]) -> None:
    parent = program(
        """
        import subprocess, time
        from planb.machine.children import spawn
        child = spawn(["sh", "-c", "sleep 300 & echo $!; wait"], watch=True, stdout=subprocess.PIPE)
        print(child.stdout.readline().decode(), flush=True)
        time.sleep(300)
        """
    )
    grandchild = int(parent.line())
    assert is_running(grandchild)
    parent.process.kill()
    assert wait_until(lambda: not is_running(grandchild))


@WAYS
def test_a_child_that_ignores_the_request_is_ended_after_the_grace(watch: bool) -> None:
    child = spawn(
        ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"], watch=watch, stdout=subprocess.PIPE
    )
    assert child.stdout.readline() == b"ready\n"
    child.stop(grace=0.3)
    assert not is_running(child.pid)


@WAYS
def test_a_childs_exit_code_is_its_own(watch: bool) -> None:
    assert spawn(["sh", "-c", "exit 7"], watch=watch).wait() == 7


@WAYS
def test_a_child_gets_the_signal_it_is_sent(watch: bool) -> None:
    child = spawn(
        ["sh", "-c", "trap 'exit 3' INT; echo ready; while :; do sleep 0.05; done"],
        watch=watch,
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"ready\n"
    assert child.stop(signal.SIGINT) == 3


@WAYS
def test_a_child_hears_what_a_background_job_ignores(program: Callable[[str], Program], watch: bool) -> None:
    parent = program(
        f"""
        import signal, subprocess
        from planb.machine.children import spawn
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        command = ["sh", "-c", "trap 'exit 3' INT; echo ready; while :; do sleep 0.05; done"]
        child = spawn(command, watch={watch}, stdout=subprocess.PIPE)
        child.stdout.readline()
        print(child.stop(signal.SIGINT, grace=3), flush=True)
        """
    )
    assert parent.line() == "3"


def test_a_forgotten_grandchild_does_not_hold_the_pipe_open() -> None:
    child = spawn(["sh", "-c", "sleep 300 & echo done"], watch=True, stdout=subprocess.PIPE)
    assert child.stdout.read() == b"done\n"
    assert child.wait() == 0


def test_a_missing_program_is_told_in_one_line() -> None:
    child = spawn(["/nowhere/server"], watch=False, stderr=subprocess.STDOUT, stdout=subprocess.PIPE)
    words = child.stdout.read().decode()
    assert child.wait() == 127
    assert words.startswith("server could not be started:")
    assert words.count("\n") == 1


def test_standard_input_is_what_was_given() -> None:
    child = spawn(["cat"], stdin=b"secret", stdout=subprocess.PIPE)
    assert child.stdout.read() == b"secret"
    assert child.wait() == 0


def test_it_refuses_to_tie_a_child_to_a_thread_that_may_end_first() -> None:
    caught: list[BaseException] = []

    def try_it() -> None:
        try:
            spawn(["true"])
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_a_child_does_not_inherit_the_leash_of_another() -> None:
    first = spawn(["sleep", "300"], watch=True)
    second = spawn(["sh", "-c", "ls /proc/$$/fd"], stdout=subprocess.PIPE)
    open_files = {int(number) for number in second.stdout.read().split()}
    second.wait()
    first.kill()
    assert open_files <= {0, 1, 2, 3}  # `ls` has the folder itself open


def test_root_hands_a_child_to_another_account() -> None:
    from planb.machine.children import Account, unprivileged

    if os.geteuid() != 0:
        assert unprivileged() is None  # nobody else can, and nobody else has to
        return
    account = unprivileged()
    assert isinstance(account, Account)
    for watch in (False, True):
        child = spawn(["id", "-u"], account=account, watch=watch, cwd="/", stdout=subprocess.PIPE)
        assert int(child.stdout.read()) == account.uid
        assert child.wait() == 0
